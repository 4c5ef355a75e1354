import { type ArtefactDigest, digestBytes } from '../../engine/base/digest.ts';
import { Failure } from '../../engine/base/failure.ts';

/** The pinned size and digest of a file: a canonical file or an archive. */
export interface Pinned {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Accepts a file only if its bytes are the official ones.
 *
 * @param place where the bytes came from (a path, a URL, a file in a package), for the message
 * @throws {Failure} that names the file, the place, and the expected and actual size and digest
 */
export function verifyPinned(pinned: Pinned, bytes: Uint8Array, place: string): void {
  const actual = digestBytes<ArtefactDigest>(bytes);
  if (actual === pinned.sha256) return;
  throw new Failure('environment', {
    fact:
      `${pinned.name} from ${place} is not the official file: ${sizeFact(pinned.bytes, bytes.length)}` +
      `SHA-256 ${actual}, expected ${pinned.sha256}`,
  });
}

function sizeFact(expected: number, actual: number): string {
  if (actual === expected) return '';
  return `${actual} bytes, expected ${expected} (${actual < expected ? 'it is cut short' : 'it is too long'}); `;
}
