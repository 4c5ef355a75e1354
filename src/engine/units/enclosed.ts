import { type ArtefactDigest, digestBytes } from '../base/digest.ts';
import type { Store } from '../store/store.ts';
import type { Enclosed } from './messages.ts';

/** Larger artefacts are sent when the other side asks for them. */
const LARGEST_ENCLOSED = 64 * 1024;
const MOST_ENCLOSED = 1024 * 1024;

/** Small artefacts that go with a message: asking for each of them would take a round trip. */
export function enclose(
  digests: Iterable<ArtefactDigest>,
  store: Pick<Store, 'artefactBytes' | 'artefact' | 'files'>,
): { readonly enclosed: Enclosed; readonly body: readonly Uint8Array[] } {
  const enclosed: { digest: ArtefactDigest; bytes: number }[] = [];
  const body: Uint8Array[] = [];
  let total = 0;
  for (const digest of new Set(digests)) {
    const bytes = store.artefactBytes(digest);
    if (bytes === undefined || bytes > LARGEST_ENCLOSED || total + bytes > MOST_ENCLOSED) continue;
    if (store.files.isDirectory(digest)) continue;
    try {
      body.push(store.artefact(digest));
    } catch {
      // The other side asks for it, and is told what is wrong with it.
      continue;
    }
    enclosed.push({ digest, bytes });
    total += bytes;
  }
  return { enclosed, body };
}

/** The artefacts in a body. Those whose bytes are not what they are said to be are left out. */
export function disclose(enclosed: Enclosed, body: Buffer): ReadonlyMap<ArtefactDigest, Uint8Array> {
  const found = new Map<ArtefactDigest, Uint8Array>();
  let at = 0;
  for (const { digest, bytes } of enclosed) {
    // A copy of its own: the body is a part of a larger buffer.
    const content = new Uint8Array(body.subarray(at, at + bytes));
    at += bytes;
    if (digestBytes<ArtefactDigest>(content) === digest) found.set(digest, content);
  }
  return found;
}
