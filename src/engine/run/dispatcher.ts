import type { Subject } from '../staleness/staleness.ts';
import type { Work } from '../staleness/work.ts';
import type { WorkerPool } from '../workers/pool.ts';
import type { RunningJob } from '../workers/pool-worker.ts';
import type { RunListener } from './events.ts';

/** Hands work to worker processes; the steps of a chain to the one that has the last step's outputs in its memory. */
export class Dispatcher {
  private readonly pool: WorkerPool;
  private readonly listener: RunListener;
  private readonly chainWorkers = new Map<string, number>();
  /** What runs or is on its way to the disk, by job. */
  private readonly running = new Map<number, Subject>();
  private nextJob = 1;

  constructor(pool: WorkerPool, listener: RunListener) {
    this.pool = pool;
    this.listener = listener;
  }

  /** @param isAlone whether the worker may have no other job until this one is on the disk. */
  start({ subject, purpose, reason }: Work, attempt: number, isAlone: boolean): RunningJob {
    const { node, key, code, compute, surroundings, inputs } = subject;
    const { chain, stage } = node;
    this.listener({ type: 'started', node: node.id, attempt, reason });
    const job = {
      id: this.nextJob++,
      node: node.id,
      key,
      stage: stage.name,
      module: stage.module.path,
      code,
      params: node.params,
      coordinates: node.coordinates,
      inputs,
      outputs: stage.outputs,
      compute: compute ?? null,
      surroundings,
      undeclared: stage.undeclared,
      secrets: stage.secrets,
      attempt,
      purpose,
    };
    const preferred = chain === undefined ? undefined : this.chainWorkers.get(chain);
    const demands = { limitSeconds: stage.timeoutSeconds, isAlone };
    const running = this.pool.run(job, preferred, demands, {
      progress: (fraction) => this.listener({ type: 'progress', node: node.id, fraction }),
      warning: (diagnostic) => this.listener({ type: 'warning', node: node.id, diagnostic }),
    });
    if (chain !== undefined) this.chainWorkers.set(chain, running.worker);
    this.running.set(job.id, subject);
    void running.outcome.then(() => this.running.delete(job.id));
    return running;
  }

  /** Ends by force what runs and is not valid. */
  cancelUnless(isValid: (subject: Subject) => boolean): void {
    for (const [job, subject] of [...this.running]) if (!isValid(subject)) this.pool.cancel(job);
  }
}
