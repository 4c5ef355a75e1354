import { lstatSync, readFileSync } from 'node:fs';
import { type ArtefactDigest, digestBytes } from '../../base/digest.ts';
import { digestOfFile } from '../../store/blobs/file-bytes.ts';
import { digestOfFolder } from '../../store/directories/digest-of-folder.ts';
import { unmarkFigure } from './figure-mark.ts';

/** No figure is larger. A larger file is neither marked nor read into memory. */
export const LARGEST_FIGURE_BYTES = 64 * 1024 * 1024;

/** Whether a path holds an artefact: a folder with all of its files, or a file with its bytes, which may have the mark of a figure. */
export function holdsArtefact(place: string, digest: ArtefactDigest): boolean {
  try {
    const found = lstatSync(place);
    if (found.isDirectory()) return digestOfFolder(place) === digest;
    if (!found.isFile()) return false;
    if (found.size > LARGEST_FIGURE_BYTES) return digestOfFile(place) === digest;
    return plainBytes(readFileSync(place), digest) !== undefined;
  } catch {
    // It cannot be read, or not at once.
    return false;
  }
}

/** The bytes of a file that are the artefact's: all of them, or those without the mark of a figure. Undefined where neither are. */
export function plainBytes(found: Uint8Array, digest: ArtefactDigest): Uint8Array | undefined {
  if (digestBytes(found) === digest) return found;
  const plain = unmarkFigure(found)?.bytes;
  return plain && digestBytes(plain) === digest ? plain : undefined;
}
