import type { NodeKey } from '../../base/digest.ts';
import type { NodeId } from '../../plan/plan.ts';
import type { RunManifest } from '../../store/run-manifest.ts';
import type { Store } from '../../store/store.ts';
import { type MetricSummary, summaryOf } from './metric-summary.ts';

/** A metric that differs between two runs. */
export interface MetricChange {
  readonly node: NodeId;
  readonly metric: string;
  /** Undefined where the node of that run has no such metric. */
  readonly old: MetricSummary | undefined;
  readonly new: MetricSummary | undefined;
}

/** The metrics in which the nodes of both runs differ, in the order of the later plan. */
export function metricChanges(old: RunManifest, current: RunManifest, store: Store): readonly MetricChange[] {
  const before = new Map(old.nodes.map(({ node, key }) => [node, key]));
  return current.nodes.flatMap(({ node, key: now }) => {
    const was = before.get(node);
    if (!was || !now || was === now) return [];
    const [earlier, later] = [summaries(was, store), summaries(now, store)];
    return [...new Set([...later.keys(), ...earlier.keys()])].flatMap((metric): MetricChange[] => {
      const change = { node, metric, old: earlier.get(metric), new: later.get(metric) };
      return isSame(change.old, change.new) ? [] : [change];
    });
  });
}

function summaries(key: NodeKey, store: Store): ReadonlyMap<string, MetricSummary> {
  return new Map(store.metrics(key).map((series) => [series.name, summaryOf(series)]));
}

function isSame(old: MetricSummary | undefined, now: MetricSummary | undefined): boolean {
  const fields = ['count', 'step', 'last', 'min', 'max'] as const;
  return old !== undefined && now !== undefined && fields.every((field) => old[field] === now[field]);
}
