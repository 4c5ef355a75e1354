import type { ArtefactDigest } from '../base/digest.ts';

/** An artefact in the store. */
export interface StoredArtefact {
  readonly digest: ArtefactDigest;
  readonly bytes: number;
}
