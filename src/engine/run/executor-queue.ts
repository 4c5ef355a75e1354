import type { PlanNode } from '../plan/plan.ts';

/** What a node takes, in seconds, as others of its kind have; undefined while nobody knows. */
export type SecondsOf = (node: PlanNode) => number | undefined;

interface Entry {
  readonly start: () => Promise<void>;
  readonly priority: number;
  readonly node: PlanNode;
}

/** However short nodes are, no slot gets more at a time: what it has is lost with it. */
const MOST_AHEAD = 64;

/**
 * Sends tasks to an executor by priority. Each of its slots has so much work on its way that it never waits for the next node; of long ones that is
 * one node, since what is sent to one slot cannot be executed by another.
 */
export class ExecutorQueue {
  private readonly slots: number;
  private readonly targetSeconds: number;
  private readonly secondsOf: SecondsOf;
  /** Ascending priority: the next one is at the end. */
  private readonly waiting: Entry[] = [];
  private load = 0;
  private count = 0;
  private isPaused = false;

  constructor(
    { slots, targetSeconds }: { readonly slots: number; readonly targetSeconds: number },
    secondsOf: SecondsOf,
  ) {
    this.slots = slots;
    this.targetSeconds = targetSeconds;
    this.secondsOf = secondsOf;
  }

  /** How many tasks are under way. */
  get running(): number {
    return this.count;
  }

  add(start: () => Promise<void>, { priority, node }: { readonly priority: number; readonly node: PlanNode }): void {
    let [low, high] = [0, this.waiting.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      // Equal priorities come out first in, first out.
      if ((this.waiting[middle] as Entry).priority < priority) low = middle + 1;
      else high = middle;
    }
    this.waiting.splice(low, 0, { start, priority, node });
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
    while (!this.isPaused && this.waiting.length > 0) {
      const { targetSeconds, slots } = this;
      const { node, start } = this.waiting.at(-1) as Entry;
      // One of an unknown kind may take long.
      const cost = Math.min(this.secondsOf(node) ?? targetSeconds, targetSeconds);
      const hasRoom = this.load + cost <= slots * targetSeconds && this.count < slots * MOST_AHEAD;
      if (!hasRoom && this.count >= slots) return;
      this.waiting.pop();
      void this.run(start, cost);
    }
  }

  private async run(start: () => Promise<void>, cost: number): Promise<void> {
    this.load += cost;
    this.count++;
    try {
      await start();
    } finally {
      this.count--;
      this.load = this.count === 0 ? 0 : this.load - cost;
      this.admit();
    }
  }
}
