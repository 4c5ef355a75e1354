import type { NodeId, PlanNode } from './plan.ts';

/** The id under which the cache knows a node. */
export function recordedId({ id, recordedAs = id }: Pick<PlanNode, 'id' | 'recordedAs'>): NodeId {
  return recordedAs;
}
