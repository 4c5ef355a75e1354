import type { PlanNode } from '../plan/plan.ts';
import { MOST_A_SECOND } from './steps-ahead.ts';

/** What a unit of work that begins with a node takes, in seconds; undefined while nobody knows. */
type SecondsOf = (node: PlanNode) => number | undefined;

interface Entry {
  readonly start: () => Promise<void>;
  readonly priority: number;
  readonly node: PlanNode;
  /** What it was expected to take when it came. */
  readonly seconds: number;
}

/** Towards the end of the work, slots still have so many seconds of it: enough to hide the way to another continent. */
const LEAST_SECONDS = 2;

/**
 * Sends tasks to an executor by priority. Each of its slots has so much work on its way that it never waits for the next node; of long ones that is
 * one node, since what is sent to one slot cannot be executed by another. For the same reason, that is less when less is left.
 */
export class ExecutorQueue {
  private readonly slots: number;
  private readonly targetSeconds: number;
  private readonly secondsOf: SecondsOf;
  /** Ascending priority: the next one is at the end. */
  private readonly waiting: Entry[] = [];
  /** Of all that wait. */
  private waitingSeconds = 0;
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
    const seconds = this.costOf(node);
    this.waitingSeconds += seconds;
    this.waiting.splice(low, 0, { start, priority, node, seconds });
    this.admit();
  }

  /** Counts what is under way already: it was sent ahead. */
  take(start: () => Promise<void>, node: PlanNode): void {
    void this.run(start, this.costOf(node));
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
      const { slots } = this;
      const { node, start, seconds } = this.waiting.at(-1) as Entry;
      const cost = this.costOf(node);
      const target = this.presentTarget();
      const most = Math.max(1, Math.ceil(target * MOST_A_SECOND));
      const hasRoom = this.load + cost <= slots * target && this.count < slots * most;
      if (!hasRoom && this.count >= slots) return;
      this.waiting.pop();
      this.waitingSeconds = this.waiting.length === 0 ? 0 : this.waitingSeconds - seconds;
      void this.run(start, cost);
    }
  }

  /** One of an unknown kind may take long. */
  private costOf(node: PlanNode): number {
    return Math.min(this.secondsOf(node) ?? this.targetSeconds, this.targetSeconds);
  }

  /** Half of what is left is shared out. */
  private presentTarget(): number {
    const { targetSeconds, load, waitingSeconds, slots } = this;
    const least = Math.min(targetSeconds, LEAST_SECONDS);
    return Math.max(least, Math.min(targetSeconds, (load + waitingSeconds) / slots / 2));
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
