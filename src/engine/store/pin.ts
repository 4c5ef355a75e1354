import type { ArtefactDigest, NodeKey } from '../base/digest.ts';

/** What no collection removes: the results of a run or of a target, as they were when they were pinned. */
export interface Pin {
  readonly name: string;
  readonly of: { readonly kind: 'run'; readonly run: string } | { readonly kind: 'target'; readonly target: string };
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Of the nodes, and of all that they were made from. */
  readonly keys: readonly NodeKey[];
  /** Whose bytes stay, whatever the limit: what a target publishes. */
  readonly artefacts: readonly ArtefactDigest[];
}
