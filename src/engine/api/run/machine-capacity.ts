import { readdirSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { StageResources } from '../../plan/plan.ts';

/** The share of the memory that nodes may reserve: the rest is for the system and for this process. */
const MEMORY_SHARE = 0.9;

/** What this machine can give to all running nodes together. `jobs` may ask for more threads than there are cores. */
export function machineCapacity(jobs: number): StageResources {
  return {
    threads: Math.max(jobs, availableParallelism()),
    memoryBytes: totalmem() * MEMORY_SHARE,
    gpus: graphicsProcessors(),
  };
}

/** NVIDIA's driver makes one device file for each GPU. A node that asks for a GPU where none is found runs alone. */
function graphicsProcessors(): number {
  try {
    return readdirSync('/dev').filter((name) => /^nvidia\d+$/.test(name)).length;
  } catch {
    return 0;
  }
}
