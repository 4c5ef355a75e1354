import type { MetricValue } from '../../store/metric-series.ts';

/** A run that reports a hundred thousand values a second must not be held up by telling them. */
const INTERVAL_MS = 250;
/** In one message. */
const MOST_VALUES = 100;

/**
 * Tells the newest value of each metric, a few times a second. Values in between are in the record only. Whoever has a clock calls `tick`: the last
 * value before a long computation is told too.
 */
export class LiveValues {
  private readonly tell: (values: readonly MetricValue[]) => void;
  /** Those that were not told yet, by name; the one that waits longest is the first. */
  private readonly waiting = new Map<string, MetricValue>();
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(tell: (values: readonly MetricValue[]) => void) {
    this.tell = tell;
  }

  offer(value: MetricValue): void {
    this.waiting.set(value.name, value);
    this.tick();
  }

  /** Tells what waits, if it is time to. */
  tick(): void {
    const now = performance.now();
    if (this.waiting.size === 0 || now - this.toldAt < INTERVAL_MS) return;
    this.toldAt = now;
    this.tellSome();
  }

  /** Tells what waits: call it when the node has ended. */
  flush(): void {
    while (this.waiting.size > 0) this.tellSome();
  }

  private tellSome(): void {
    const values = [...this.waiting.values()].slice(0, MOST_VALUES);
    for (const { name } of values) this.waiting.delete(name);
    this.tell(values);
  }
}
