import { randomStream } from '../base/random.ts';
import { isSource } from '../plan/is-source.ts';
import type { NodeId, PlanNode } from '../plan/plan.ts';

/** A request to execute nodes that are up to date, to compare their bytes. The same seed picks the same ones. */
export type AuditRequest =
  | { readonly count: number; readonly seed: number }
  /** Nodes that a seed has picked already. Their traces are of an earlier identity. */
  | { readonly nodes: ReadonlySet<NodeId>; readonly seed: number };

/** The nodes to audit, of those that are up to date, in their order. */
export function auditedNodes(found: readonly PlanNode[], audit: AuditRequest): readonly PlanNode[] {
  // A source is not computed: taking it a second time would say nothing of this machine. Nor would other bytes of a stage that has them.
  const upToDate = found.filter((node) => !isSource(node) && node.stage.reproducible);
  if ('nodes' in audit) return upToDate.filter(({ id }) => audit.nodes.has(id));
  const count = Math.min(audit.count, upToDate.length);
  const picked = randomStream(audit.seed, 'audit').subset(upToDate.length, count);
  return [...picked].sort((a, b) => a - b).map((position) => upToDate[position] as PlanNode);
}
