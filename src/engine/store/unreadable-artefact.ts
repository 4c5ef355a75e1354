import { type ArtefactDigest, shortDigest } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';

/** What was found where the bytes should be. A part is a file of a directory. */
type Finding =
  | { readonly kind: 'missing' }
  | { readonly kind: 'damaged'; readonly actual: ArtefactDigest }
  | { readonly kind: 'lost'; readonly file: string }
  | { readonly kind: 'part'; readonly path: string; readonly reason: UnreadableArtefact };

/** The bytes of an artefact are missing, or do not have its digest. */
export class UnreadableArtefact extends Failure {
  readonly digest: ArtefactDigest;
  readonly state: 'missing' | 'damaged';

  constructor(digest: ArtefactDigest, directory: string, finding: Finding) {
    super('store', {
      fact: factOf(digest, directory, finding),
      fix:
        finding.kind === 'missing'
          ? 'it was evicted, as "retain" and "cache gc" do: "vmfdag run --target NODE --restore" restores it'
          : 'check the disk; "vmfdag cache verify" quarantines it, and the next run repairs it',
    });
    this.digest = digest;
    // A part that is missing although its directory is there: the node has to be executed again, as for damaged bytes.
    this.state = finding.kind === 'missing' ? 'missing' : 'damaged';
  }
}

function factOf(digest: ArtefactDigest, directory: string, finding: Finding): string {
  const artefact = `the artefact ${shortDigest(digest)}`;
  switch (finding.kind) {
    case 'missing':
      return `${artefact} is not in the cache in ${directory}`;
    case 'damaged':
      return `${artefact} in ${directory} is damaged: its bytes now have digest ${shortDigest(finding.actual)}`;
    case 'lost':
      return `${artefact} in ${directory} is damaged: its file ${finding.file} is missing`;
    case 'part':
      return `${artefact} in ${directory} is damaged: of its file ${finding.path}, ${finding.reason.diagnostics[0]?.fact}`;
  }
}
