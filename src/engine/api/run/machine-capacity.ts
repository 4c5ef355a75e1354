import { availableParallelism, totalmem } from 'node:os';
import type { StageResources } from '../../plan/plan.ts';
import { visibleGpus } from '../../workers/gpus.ts';

/** The share of the memory that nodes may reserve: the rest is for the system and for this process. */
const MEMORY_SHARE = 0.9;

/** What this machine can give to all running nodes together. `jobs` may ask for more threads than there are cores. */
export function machineCapacity(jobs: number): StageResources {
  return {
    threads: Math.max(jobs, availableParallelism()),
    memoryBytes: totalmem() * MEMORY_SHARE,
    // A node that asks for a GPU where none is found runs alone.
    gpus: visibleGpus(process.env).length,
  };
}
