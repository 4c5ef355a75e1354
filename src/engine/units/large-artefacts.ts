import type { ArtefactDigest } from '../base/digest.ts';
import type { SharedArtefact } from '../shared/node-bytes.ts';
import type { NodeRecord, Store } from '../store/store.ts';

/** Smaller ones are here as soon over the connection. */
const LARGE_BYTES = 1024 * 1024;

/** Inputs that a unit should look for in the shared cache before it asks the run. */
export function largeInputs(
  digests: readonly ArtefactDigest[],
  { artefactBytes, files }: Pick<Store, 'artefactBytes' | 'files'>,
): readonly SharedArtefact[] {
  return [...new Set(digests)].flatMap((digest): readonly SharedArtefact[] => {
    const bytes = artefactBytes(digest) ?? 0;
    // A manifest is short, whatever is in the directory.
    if (files.isDirectory(digest)) return [{ digest, type: 'directory', bytes }];
    return bytes >= LARGE_BYTES ? [{ digest, type: 'bytes', bytes }] : [];
  });
}

/** Outputs that a run should look for in the shared cache before it asks the unit. */
export function largeOutputs({ outputs }: Pick<NodeRecord, 'outputs'>): readonly SharedArtefact[] {
  return Object.values(outputs).filter(({ bytes }) => bytes >= LARGE_BYTES);
}
