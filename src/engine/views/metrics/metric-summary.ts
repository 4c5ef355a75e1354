import type { MetricNumber, MetricSeries } from '../../store/metric-series.ts';
import { formatNumber } from '../terminal/format-number.ts';

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

/** The columns of a table of summaries, after the name of the metric. */
export const SUMMARY_HEAD = ['values', 'step', 'last', 'min', 'max'];

export function summaryCells({ count, step, last, min, max }: MetricSummary): readonly string[] {
  return [String(count), String(step), ...[last, min, max].map((number) => formatNumber(Number(number)))];
}
