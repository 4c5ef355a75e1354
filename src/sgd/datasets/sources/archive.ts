import { Failure } from '../../../engine/base/failure.ts';
import { isGzip, piecesOf, readArchive } from '../compression.ts';
import { type Archive, canonicalBytes, canonicalFiles, type Dataset, PACKING_BYTES } from '../dataset.ts';
import { verifyPinned } from '../verification.ts';
import type { FoundFile } from './source.ts';

/**
 * Extracts the canonical files from the official archive.
 *
 * @param bytes the .tar.gz, or the .tar inside it: HTTP clients unpack what a server labels `Content-Encoding: gzip`
 * @throws {Failure} for a .tar.gz that is not the official one, and for an archive without one of the files
 */
export async function filesOfArchive(
  archive: Archive,
  dataset: Dataset,
  bytes: Uint8Array,
  place: string,
): Promise<ReadonlyMap<string, FoundFile>> {
  // There is no digest of the .tar; the digests of its files decide then.
  if (isGzip(bytes) || bytes.length < archive.bytes) verifyPinned(archive, bytes, place);
  const names = new Set(canonicalFiles(dataset).map(({ name }) => name));
  const found = await readArchive(piecesOf(bytes), (path) => names.has(path), canonicalBytes(dataset) + PACKING_BYTES);
  const missing = [...names].filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw new Failure('environment', { fact: `${place} lacks ${missing.join(', ')}` });
  }
  return new Map([...found].map(([name, content]) => [name, { bytes: content, place: `${place} (${name})` }]));
}
