import type { NodeKey } from '../base/digest.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';

/** The metrics that a node has to report, and of which there is no value under its key. */
export function missingMetrics({ reports }: PlanNode, key: NodeKey, store: Store): readonly string[] {
  if (!reports) return [];
  const found = new Set(store.metrics(key).flatMap(({ name, values }) => (values.length > 0 ? [name] : [])));
  return reports.filter((name) => !found.has(name));
}
