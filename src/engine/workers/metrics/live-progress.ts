/** A node that reports at every step must not be held up by telling it. */
const INTERVAL_MS = 200;

/** Tells how much of a node is done, a few times a second. Whoever has a clock calls `tick`, as with `LiveValues`. */
export class LiveProgress {
  private readonly tell: (fraction: number) => void;
  private waiting: number | undefined;
  /** A node that ends at once tells nothing. */
  private toldAt = performance.now();

  constructor(tell: (fraction: number) => void) {
    this.tell = tell;
  }

  offer(fraction: number): void {
    this.waiting = fraction;
    this.tick();
  }

  /** Tells what waits, if it is time to. */
  tick(): void {
    const now = performance.now();
    if (this.waiting === undefined || now - this.toldAt < INTERVAL_MS) return;
    const fraction = this.waiting;
    this.waiting = undefined;
    this.toldAt = now;
    this.tell(fraction);
  }
}
