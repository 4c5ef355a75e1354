import { createReadStream, createWriteStream } from 'node:fs';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { Decompress, decompress } from 'fzstd';

/** Node has zstd from 22.15 on. Earlier versions read it by a library, and write none. */
interface Zstd {
  zstdCompressSync?(bytes: Uint8Array): Buffer;
  zstdDecompressSync?(bytes: Uint8Array): Buffer;
  createZstdCompress?(): Transform;
  createZstdDecompress?(): Transform;
}

const zstd = zlib as Zstd & typeof zlib;

/** Shorter ones gain nothing that a request would notice. */
const SMALLEST_BYTES = 1024;

/** A gain below this is not worth the time. */
const WORTHWHILE = 0.9;

const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

export function isCompressed(bytes: Uint8Array): boolean {
  return bytes.length > MAGIC.length && MAGIC.equals(bytes.subarray(0, MAGIC.length));
}

/** The same bytes by zstd, if that makes them notably shorter. */
export function compressed(bytes: Uint8Array): Uint8Array {
  if (!zstd.zstdCompressSync || bytes.length < SMALLEST_BYTES) return bytes;
  const shorter = zstd.zstdCompressSync(bytes);
  return isWorthwhile(shorter.length, bytes.length) ? shorter : bytes;
}

/** Whether so many bytes are notably fewer than others. */
export function isWorthwhile(compressedBytes: number, bytes: number): boolean {
  return compressedBytes < bytes * WORTHWHILE;
}

/** @throws {Error} for bytes that are damaged */
export function decompressed(bytes: Uint8Array): Uint8Array {
  return zstd.zstdDecompressSync ? zstd.zstdDecompressSync(bytes) : decompress(bytes);
}

/** Writes bytes by zstd to a file. @returns false where this version of Node cannot */
export async function compressTo(bytes: AsyncIterable<Uint8Array>, file: string): Promise<boolean> {
  if (!zstd.createZstdCompress) return false;
  await pipeline(bytes, zstd.createZstdCompress(), createWriteStream(file));
  return true;
}

/** @throws {Error} for bytes that are damaged */
export async function decompressFile(from: string, to: string): Promise<void> {
  if (zstd.createZstdDecompress) {
    await pipeline(createReadStream(from), zstd.createZstdDecompress(), createWriteStream(to));
    return;
  }
  await pipeline(createReadStream(from), piecewise, createWriteStream(to));
}

/** The library calls back while bytes are pushed. */
async function* piecewise(source: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const stream = new Decompress((piece) => ready.push(piece));
  for await (const chunk of source) {
    stream.push(chunk);
    yield* ready.splice(0);
  }
  stream.push(new Uint8Array(0), true);
  yield* ready.splice(0);
}
