/** A number in JSON, which has no NaN and no infinities: they are texts. `Number` gives the number back. */
export type MetricNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/** A value of a metric at a step. */
export interface MetricValue {
  readonly name: string;
  readonly step: number;
  readonly value: MetricNumber;
}

/** The values of one metric of a node. A long series is thinned: `steps`, `times` and `values` have the same length. */
export interface MetricSeries {
  readonly name: string;
  /** How many values there were before the thinning. */
  readonly count: number;
  /** The least and the greatest of all of them; NaN where all are NaN. */
  readonly min: MetricNumber;
  readonly max: MetricNumber;
  readonly steps: readonly number[];
  /** Milliseconds since 1970. */
  readonly times: readonly number[];
  readonly values: readonly MetricNumber[];
}

export function metricNumber(value: number): MetricNumber {
  return Number.isFinite(value) ? value : (String(value) as MetricNumber);
}
