import { type Deferred, deferred } from '../workers/deferred.ts';

/** Counts work that is queued, running, or on its way to the disk, and tells when there is none left. */
export class Outstanding {
  private count = 0;
  private abandoned = false;
  private drained: Deferred<void> = deferred();

  add(count: number): void {
    this.count += count;
  }

  settle(): void {
    this.count--;
    if (this.count === 0) this.drained.resolve();
  }

  /** Whoever waits goes on, whatever is left. */
  abandon(): void {
    this.abandoned = true;
    this.drained.resolve();
  }

  async drain(): Promise<void> {
    if (this.count === 0 || this.abandoned) return;
    this.drained = deferred();
    await this.drained.promise;
  }
}
