import PQueue from 'p-queue';
import type { StageResources } from '../plan/plan.ts';
import { type ReadyOptions, ResourceBudget, readyQueueClass } from './ready-queue.ts';

/** Starts tasks by priority, as many at a time as jobs and resources allow. */
export class ExecutionQueue {
  private readonly jobs: number;
  private readonly budget: ResourceBudget;
  private readonly queue: PQueue<InstanceType<ReturnType<typeof readyQueueClass>>, ReadyOptions>;

  constructor(jobs: number, capacity: StageResources) {
    this.jobs = jobs;
    this.budget = new ResourceBudget(capacity);
    this.queue = new PQueue({ concurrency: jobs, queueClass: readyQueueClass(this.budget) });
  }

  /** How many tasks are running. */
  get running(): number {
    return this.queue.pending;
  }

  add(task: () => Promise<void>, options: ReadyOptions): void {
    void this.queue.add(async () => {
      try {
        await task();
      } finally {
        this.budget.giveBack(options.resources);
        // p-queue starts one task for each finished one; a node that used several threads makes room for more.
        setImmediate(() => {
          this.queue.concurrency = this.jobs;
        });
      }
    }, options);
  }

  pause(): void {
    this.queue.pause();
  }

  start(): void {
    this.queue.start();
  }
}
