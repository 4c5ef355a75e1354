import type { Queue, QueueAddOptions } from 'p-queue';
import type { StageResources } from '../plan/plan.ts';

export interface ReadyOptions extends QueueAddOptions {
  readonly resources: StageResources;
}

type Task = () => Promise<unknown>;

interface Entry {
  readonly task: Task;
  readonly priority: number;
  readonly resources: StageResources;
}

/** What all running nodes together may use. */
export class ResourceBudget {
  private readonly capacity: StageResources;
  private used: StageResources = { threads: 0, memoryBytes: 0, gpus: 0 };

  constructor(capacity: StageResources) {
    this.capacity = capacity;
  }

  fits(resources: StageResources): boolean {
    const { capacity, used } = this;
    // A node that asks for more than there is must still run: alone.
    const within = (asked: number, taken: number, limit: number) => taken === 0 || taken + asked <= limit;
    return (
      within(resources.threads, used.threads, capacity.threads) &&
      within(resources.memoryBytes, used.memoryBytes, capacity.memoryBytes) &&
      within(resources.gpus, used.gpus, capacity.gpus)
    );
  }

  take(resources: StageResources): void {
    this.used = sum(this.used, resources, 1);
  }

  giveBack(resources: StageResources): void {
    this.used = sum(this.used, resources, -1);
  }
}

function sum(a: StageResources, b: StageResources, sign: 1 | -1): StageResources {
  return {
    threads: a.threads + sign * b.threads,
    memoryBytes: a.memoryBytes + sign * b.memoryBytes,
    gpus: a.gpus + sign * b.gpus,
  };
}

/**
 * The queue class for p-queue: returns the task of highest priority among those whose resources fit now. `size` is 0
 * when none fits, which makes p-queue wait. Tasks return their resources themselves.
 */
export function readyQueueClass(budget: ResourceBudget): new () => Queue<Task, ReadyOptions> {
  return class ReadyQueue implements Queue<Task, ReadyOptions> {
    /** Ascending priority: the next one is at the end. */
    private readonly entries: Entry[] = [];

    get size(): number {
      return this.nextIndex() < 0 ? 0 : this.entries.length;
    }

    enqueue(task: Task, options?: Partial<ReadyOptions>): void {
      const entry = {
        task,
        priority: options?.priority ?? 0,
        resources: options?.resources ?? { threads: 1, memoryBytes: 0, gpus: 0 },
      };
      let [low, high] = [0, this.entries.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        // Equal priorities come out first in, first out: the new one goes below them.
        if ((this.entries[middle] as Entry).priority < entry.priority) low = middle + 1;
        else high = middle;
      }
      this.entries.splice(low, 0, entry);
    }

    dequeue(): Task | undefined {
      const index = this.nextIndex();
      if (index < 0) return undefined;
      const [entry] = this.entries.splice(index, 1);
      if (entry) budget.take(entry.resources);
      return entry?.task;
    }

    filter({ priority }: Readonly<Partial<ReadyOptions>>): Task[] {
      return this.entries.filter((entry) => entry.priority === priority).map(({ task }) => task);
    }

    setPriority(): void {
      throw new Error('priorities are fixed when a node becomes ready');
    }

    private nextIndex(): number {
      for (let index = this.entries.length - 1; index >= 0; index--) {
        if (budget.fits((this.entries[index] as Entry).resources)) return index;
      }
      return -1;
    }
  };
}
