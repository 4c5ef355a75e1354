import { randomStream } from '../base/random.ts';
import type { NodeId } from '../plan/plan.ts';

/** A request to execute nodes that are up to date again, to see whether they give the same bytes. */
export type AuditRequest =
  | RandomAudit
  /** Those nodes, which were picked by the seed already. Their traces are of an earlier identity. */
  | { readonly nodes: ReadonlySet<NodeId>; readonly seed: number };

interface RandomAudit {
  readonly count: number;
  /** The same seed picks the same ones. */
  readonly seed: number;
}

/** Picks some of these node indices, in their order. */
export function pickAudited(upToDate: readonly number[], { count, seed }: RandomAudit): readonly number[] {
  const picked = randomStream(seed, 'audit').subset(upToDate.length, Math.min(count, upToDate.length));
  return [...picked].sort((a, b) => a - b).map((position) => upToDate[position] as number);
}
