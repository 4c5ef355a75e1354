import type { AttemptTimes } from './ledger.ts';
import type { Task } from './task.ts';

/** When attempts are ready, begin and end, in seconds since the run began. */
export class AttemptClock {
  private readonly started = performance.now();
  private readonly ready = new WeakMap<Task, number>();
  /** When the last job of each slot ended. */
  private readonly slotEnds = new Map<number, number>();

  now(): number {
    return (performance.now() - this.started) / 1000;
  }

  /** From now on, the task waits for its execution. */
  isReady(task: Task): void {
    this.ready.set(task, this.now());
  }

  /** For how many seconds a task had waited when it began. */
  queued(task: Task, began: number): number {
    return Math.max(0, began - (this.ready.get(task) ?? began));
  }

  /**
   * The times of an attempt that was sent elsewhere. A job waits at the other side for those before it: it began when it had to, for what it took.
   * @param took undefined where nobody knows
   */
  sent({ worker, start, end }: AttemptTimes, took: number | undefined): AttemptTimes {
    const before = this.slotEnds.get(worker) ?? 0;
    this.slotEnds.set(worker, end);
    // A step that was sent ahead may have begun before the run gave it.
    return { worker, start: took === undefined ? start : Math.min(end, Math.max(before, end - took)), end };
  }
}
