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

/** The digest and the length of an open file from its beginning. */
export async function hashHandle(handle: FileHandle): Promise<HashedBytes> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunksOf(handle)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { digest: hash.digest('hex') as ArtefactDigest, bytes };
}

/** The bytes of an open file from its beginning. */
export async function* chunksOf(handle: FileHandle): AsyncIterable<Uint8Array> {
  for (let at = 0; ; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** After so many bytes, what is written goes to the disk, so that the last flush is short. */
const FLUSHED_BYTES = 64 * 1024 * 1024;

/** Writes bytes as they come, and hashes them. They are written many at once: a system call for each chunk of a socket takes longer. */
export async function writeHashed(handle: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<HashedBytes> {
  const hash = createHash('sha256');
  const source = chunks[Symbol.asyncIterator]();
  let held: Uint8Array[] = [];
  let bytes = 0;
  let flushed = 0;
  let flushing: Promise<void> = Promise.resolve();
  /** @returns whether there may be more */
  const fill = async (): Promise<boolean> => {
    for (let length = 0; length < CHUNK_BYTES; ) {
      const next = await source.next();
      if (next.done) return false;
      hash.update(next.value);
      held.push(next.value);
      length += next.value.length;
    }
    return true;
  };
  try {
    for (let isMore = await fill(); held.length > 0; ) {
      const piece = held.length === 1 ? (held[0] as Uint8Array) : Buffer.concat(held);
      bytes += piece.length;
      held = [];
      // The next bytes arrive and are hashed while these are written.
      [isMore] = await Promise.all([isMore && fill(), writeAll(handle, piece)]);
      if (bytes - flushed < FLUSHED_BYTES) continue;
      await flushing;
      flushed = bytes;
      flushing = handle.datasync();
      // Whoever waits for it gets the error.
      flushing.catch(() => {});
    }
    await flushing;
    return { digest: hash.digest('hex') as ArtefactDigest, bytes };
  } finally {
    await source.return?.();
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
