import type { MetricNumber, MetricSeries } from '../../store/metric-series.ts';

/** A series in a few numbers. */
export interface MetricSummary {
  readonly count: number;
  /** Of the last value. */
  readonly step: number;
  readonly last: MetricNumber;
  readonly min: MetricNumber;
  readonly max: MetricNumber;
}

export function summaryOf({ count, min, max, steps, values }: MetricSeries): MetricSummary {
  return { count, step: steps.at(-1) ?? 0, last: values.at(-1) ?? 'NaN', min, max };
}
