import type { ArtefactDigest, NodeKey } from '../base/digest.ts';

/** Results that no collection removes: those of a run or a target at the time of pinning. */
export interface Pin {
  readonly name: string;
  readonly of: { readonly kind: 'run'; readonly run: string } | { readonly kind: 'target'; readonly target: string };
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Keys of the nodes, and of all nodes upstream. */
  readonly keys: readonly NodeKey[];
  /** Artefacts whose bytes stay, whatever the limit: what a target publishes. */
  readonly artefacts: readonly ArtefactDigest[];
}
