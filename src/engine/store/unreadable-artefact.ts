import { type ArtefactDigest, shortDigest } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';

/** The bytes of an artefact are missing, or do not have its digest. */
export class UnreadableArtefact extends Failure {
  readonly digest: ArtefactDigest;
  readonly state: 'missing' | 'damaged';

  /** @param actual the digest that the bytes have now; undefined if they are missing */
  constructor(digest: ArtefactDigest, directory: string, actual?: ArtefactDigest) {
    super(
      'store',
      actual === undefined
        ? {
            fact: `the artefact ${shortDigest(digest)} is not in the cache in ${directory}`,
            fix: 'it was evicted, as "retain" and "cache gc" do: "vmfdag run --target NODE --restore" restores it',
          }
        : {
            fact: `the artefact ${shortDigest(digest)} in ${directory} is damaged: its bytes now have digest ${shortDigest(actual)}`,
            fix: 'check the disk; "vmfdag cache verify" quarantines it, and the next run repairs it',
          },
    );
    this.digest = digest;
    this.state = actual === undefined ? 'missing' : 'damaged';
  }
}
