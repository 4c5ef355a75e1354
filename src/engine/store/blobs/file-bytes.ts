import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ArtefactDigest } from '../../base/digest.ts';
import { hashFile } from '../../base/hash-file.ts';

/** How much of a file is in memory at once. */
const CHUNK_BYTES = 1024 * 1024;

/** A whole file, in memory of its own that is aligned for typed arrays. Node's own function reads at most 2 GiB. */
export function readWhole(file: string): Uint8Array {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = new Uint8Array(fstatSync(descriptor).size);
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(descriptor, bytes, length, Math.min(bytes.length - length, 2 ** 30), null);
      // It became shorter: its digest will not be that of the artefact.
      if (count === 0) return bytes.slice(0, length);
      length += count;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

/** The digest of a file, for callers that cannot wait. */
export function digestOfFile(file: string): ArtefactDigest {
  return hashFile(file) as ArtefactDigest;
}

/** The digest of bytes, however many: one call takes at most 2 GiB. */
export function digestOfMany(bytes: Uint8Array): ArtefactDigest {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += 2 ** 30) hash.update(bytes.subarray(at, at + 2 ** 30));
  return hash.digest('hex') as ArtefactDigest;
}

export interface HashedBytes {
  readonly digest: ArtefactDigest;
  readonly bytes: number;
}

/** The digest and the length of an open file from its beginning. What was read is passed on, if there is somebody to take it. */
export async function hashHandle(
  handle: FileHandle,
  take?: (chunk: Uint8Array) => Promise<unknown>,
): Promise<HashedBytes> {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let bytes = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, bytes);
    if (bytesRead === 0) return { digest: hash.digest('hex') as ArtefactDigest, bytes };
    const read = chunk.subarray(0, bytesRead);
    hash.update(read);
    await take?.(read);
    bytes += bytesRead;
  }
}

/** Opens a file for as long as it is used. */
export async function withHandle<T>(
  file: string,
  flags: string | number,
  use: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  const handle = await open(file, flags);
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

/** Writes all of a chunk, which one call need not do. */
export async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    at += (await handle.write(chunk, at, Math.min(chunk.length - at, 2 ** 30))).bytesWritten;
  }
}
