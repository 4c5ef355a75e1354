import type { PlanNode } from '../plan/plan.ts';
import type { Attempt } from '../store/run-manifest.ts';
import { durationName } from './priorities.ts';

/** Mean seconds of the nodes that a run has executed, by the name under which later runs look for them. */
export function measuredDurations(
  nodes: readonly PlanNode[],
  journal: readonly Attempt[],
): Readonly<Record<string, number>> {
  const sums = new Map<string, { seconds: number; count: number }>();
  for (const { node, outcome, seconds } of journal) {
    if (outcome !== 'executed') continue;
    const name = durationName(nodes[node] as PlanNode);
    const sum = sums.get(name) ?? { seconds: 0, count: 0 };
    sums.set(name, sum);
    sum.seconds += seconds;
    sum.count++;
  }
  return Object.fromEntries([...sums].map(([name, { seconds, count }]) => [name, seconds / count]));
}
