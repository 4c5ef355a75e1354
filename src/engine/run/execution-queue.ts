import type { StageResources } from '../plan/plan.ts';
import { insertByPriority } from './insert-by-priority.ts';

interface Entry {
  readonly start: () => Promise<void>;
  readonly priority: number;
  readonly resources: StageResources;
}

/** Starts tasks by priority, as many at a time as jobs and resources allow. Those that do not fit now let others go first. */
export class ExecutionQueue {
  private readonly jobs: number;
  /** What all running nodes together may use, and what they use. */
  private readonly capacity: StageResources;
  private used: StageResources = { threads: 0, memoryBytes: 0, gpus: 0 };
  private readonly waiting: Entry[] = [];
  private count = 0;
  private isPaused = false;

  constructor(jobs: number, capacity: StageResources) {
    this.jobs = jobs;
    this.capacity = capacity;
  }

  /** How many tasks are running. */
  get running(): number {
    return this.count;
  }

  add(start: () => Promise<void>, options: Pick<Entry, 'priority' | 'resources'>): void {
    insertByPriority(this.waiting, { start, ...options });
    this.admit();
  }

  pause(): void {
    this.isPaused = true;
  }

  start(): void {
    this.isPaused = false;
    this.admit();
  }

  private admit(): void {
    while (!this.isPaused && this.count < this.jobs) {
      const index = this.waiting.findLastIndex(({ resources }) => this.fits(resources));
      if (index < 0) return;
      for (const entry of this.waiting.splice(index, 1)) void this.run(entry);
    }
  }

  /** A node that asks for more than there is must still run: alone. */
  private fits({ threads, memoryBytes, gpus }: StageResources): boolean {
    const { capacity, used } = this;
    return (
      (used.threads === 0 || used.threads + threads <= capacity.threads) &&
      (used.memoryBytes === 0 || used.memoryBytes + memoryBytes <= capacity.memoryBytes) &&
      (used.gpus === 0 || used.gpus + gpus <= capacity.gpus)
    );
  }

  private async run({ start, resources }: Entry): Promise<void> {
    this.take(resources, 1);
    try {
      await start();
    } finally {
      this.take(resources, -1);
      this.admit();
    }
  }

  private take({ threads, memoryBytes, gpus }: StageResources, sign: 1 | -1): void {
    const { used } = this;
    this.count += sign;
    this.used = {
      threads: used.threads + sign * threads,
      memoryBytes: used.memoryBytes + sign * memoryBytes,
      gpus: used.gpus + sign * gpus,
    };
  }
}
