import type { PlanNode } from '../../plan/plan.ts';
import { earlierOf } from '../../staleness/judge.ts';
import type { LastFailure } from '../../store/failed-attempt.ts';
import type { Store } from '../../store/store.ts';

/** How a node failed, if it has not finished since. */
export function lastFailureOf(node: PlanNode, store: Store): LastFailure | undefined {
  const [earlier, failure] = [earlierOf(node, store), store.lastFailure(node.id)];
  if (!failure) return undefined;
  const finishedSince = earlier.kind === 'recorded' && earlier.record.startedAt >= failure.startedAt;
  return finishedSince ? undefined : failure;
}
