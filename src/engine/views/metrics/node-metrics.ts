import type { NodeKey } from '../../base/digest.ts';
import type { MetricSeries } from '../../store/metric-series.ts';
import type { NodeRecord, Store } from '../../store/store.ts';

/** What a node reported, and how it was made. */
export interface NodeMetrics {
  readonly record: NodeRecord;
  readonly series: readonly MetricSeries[];
}

/** Of these results those that have metrics, in the same order. */
export function metricsOf(keys: Iterable<NodeKey>, store: Store): readonly NodeMetrics[] {
  return [...keys].flatMap((key) => {
    const series = store.metrics(key);
    const record = series.length > 0 ? store.record(key) : undefined;
    return record ? [{ record, series }] : [];
  });
}
