import { createWriteStream } from 'node:fs';
import { Readable, type Transform } from 'node:stream';
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

/**
 * The bytes behind compressed ones; others pass as they are.
 * @param note is called once for compressed ones, before the first byte
 * @throws {Error} for bytes that are damaged
 */
export async function* unpacked(chunks: AsyncIterable<Uint8Array>, note: () => void): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  let isOver = false;
  while (head.length <= MAGIC.length && !isOver) {
    const next = await source.next();
    if (next.done) isOver = true;
    else head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  const all = rejoined(head, source);
  if (!isCompressed(head)) {
    yield* all;
    return;
  }
  note();
  if (!zstd.createZstdDecompress) yield* piecewise(all);
  else yield* compose(all, zstd.createZstdDecompress());
}

async function* rejoined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** The library calls back while bytes are pushed. */
async function* piecewise(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const stream = new Decompress((piece) => ready.push(piece));
  for await (const chunk of source) {
    stream.push(chunk);
    yield* ready.splice(0);
  }
  stream.push(new Uint8Array(0), true);
  yield* ready.splice(0);
}

/** Errors of the source arrive as errors of what is read. */
function compose(source: AsyncIterable<Uint8Array>, transform: Transform): AsyncIterable<Uint8Array> {
  const readable = Readable.from(source, { objectMode: false });
  readable.on('error', (error) => transform.destroy(error));
  transform.on('close', () => readable.destroy());
  return readable.pipe(transform);
}
