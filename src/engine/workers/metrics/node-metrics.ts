import { toUSVString } from 'node:util';
import { describeValue } from '../../stage/codecs/describe-value.ts';
import { type MetricSeries, type MetricValue, metricNumber } from '../../store/metric-series.ts';
import { LiveValues } from './live-values.ts';
import { ThinnedSeries } from './thinned-series.ts';

/** As in the Python package. */
const LONGEST_NAME = 200;
const MOST_NAMES = 1000;
/** Of one metric. */
const MOST_POINTS = 1024;
/** Of all metrics of a node together: more names get fewer points each. */
const MOST_POINTS_OF_NODE = 64 * MOST_POINTS;

/** What metrics have to do with the rest of the worker. */
export interface MetricOutlets {
  /** Told the newest values a few times a second. */
  readonly tell: (values: readonly MetricValue[]) => void;
  /** Told once of each kind of value that was refused. */
  readonly warn: (message: string) => void;
  /** Replaces the values of secrets in a name. */
  readonly mask: (name: string) => string;
}

/** The metrics that one node reports. Whatever it reports, it goes on: what is no metric is left out, with a line in the log. */
export class NodeMetrics {
  private readonly outlets: MetricOutlets;
  private readonly live: LiveValues;
  /** By the name that the node gives. */
  private readonly named = new Map<string, { readonly shown: string; readonly series: ThinnedSeries }>();
  private readonly warned = new Set<string>();
  private points = MOST_POINTS;

  constructor(outlets: MetricOutlets) {
    this.outlets = outlets;
    this.live = new LiveValues(outlets.tell);
  }

  /** A value from code that may pass anything. Without a step, it is how many values came before. */
  add(name: unknown, value: unknown, step?: unknown, time: number = Date.now()): void {
    if (typeof name !== 'string' || name.length === 0 || name.length > LONGEST_NAME) {
      this.warn(
        'name',
        `the name of a metric is a text of 1 to ${LONGEST_NAME} characters, and ${shown(name)} is none`,
      );
    } else if (typeof value !== 'number') {
      this.warn('value', `a value of the metric ${shown(name)} is no number: ${shown(value)}`);
    } else if (step !== undefined && !(Number.isSafeInteger(step) && Number(step) >= 0)) {
      this.warn('step', `a step of the metric ${shown(name)} is no whole number from 0: ${shown(step)}`);
    } else {
      this.put(name, value, step as number | undefined, time);
    }
  }

  /** Tells values that wait. Call it a few times a second. */
  tick(): void {
    this.live.tick();
  }

  /** Tells the last values. Call it when the node has ended. */
  end(): void {
    this.live.flush();
  }

  /** In the order in which they were first reported. */
  series(): readonly MetricSeries[] {
    return [...this.named.values()].map(({ shown: name, series }) => series.series(name));
  }

  private put(name: string, value: number, step: number | undefined, time: number): void {
    const known = this.named.get(name) ?? this.begin(name);
    if (!known) return;
    const at = step ?? known.series.count;
    known.series.add({ step: at, time, value });
    this.live.offer({ name: known.shown, step: at, value: metricNumber(value) });
  }

  private begin(name: string) {
    if (this.named.size >= MOST_NAMES) {
      this.warn(
        'names',
        `a node has at most ${MOST_NAMES} metrics: those after them are left out, ${shown(name)} first`,
      );
      return undefined;
    }
    // What Arrow and UTF-8 cannot hold is replaced.
    const begun = { shown: this.outlets.mask(toUSVString(name)), series: new ThinnedSeries(this.points) };
    this.named.set(name, begun);
    if (this.named.size * this.points > MOST_POINTS_OF_NODE) {
      this.points /= 2;
      for (const { series } of this.named.values()) series.limitTo(this.points);
    }
    return begun;
  }

  private warn(kind: string, message: string): void {
    if (this.warned.has(kind)) return;
    this.warned.add(kind);
    this.outlets.warn(message);
  }
}

function shown(value: unknown): string {
  try {
    return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : describeValue(value);
  } catch {
    // A proxy may throw at whatever is asked of it.
    return 'an object';
  }
}
