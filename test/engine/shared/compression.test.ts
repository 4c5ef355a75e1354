import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compressed,
  compressTo,
  decompressed,
  isCompressed,
  unpacked,
} from '../../../src/engine/shared/compression.ts';
import { content, temporaryFolder } from '../store/fixtures.ts';

/** "text, " 72 times, as `zstd -19` wrote it. */
const BY_ZSTD = Buffer.from('KLUv/QRobQAAMHRleHQsIAEAp1FLEaW3/kQ=', 'base64');
const canWrite = 'zstdCompressSync' in zlib;

describe('compression of blobs', () => {
  it('is told by its first bytes', () => {
    expect(isCompressed(BY_ZSTD)).toBe(true);
    expect(isCompressed(BY_ZSTD.subarray(0, 3))).toBe(false);
    expect(isCompressed(content(100))).toBe(false);
  });

  it.runIf(canWrite)('gives the same bytes back, in memory and by files', async () => {
    const folder = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.nat(400), async (bytes, times) => {
        const many = Buffer.concat(Array.from({ length: times + 1 }, () => bytes));
        const shorter = compressed(many);
        expect(Buffer.compare(isCompressed(shorter) ? decompressed(shorter) : shorter, many)).toBe(0);
        const packed = join(folder, 'packed');
        expect(await compressTo(inPieces(many), packed)).toBe(true);
        let notes = 0;
        const read = await all(unpacked(inPieces(readFileSync(packed)), () => notes++));
        expect(Buffer.compare(read, many)).toBe(0);
        expect(notes).toBe(1);
      }),
      { numRuns: 20 },
    );
  });

  it('leaves alone what it cannot make shorter', () => {
    const noise = content(100_000);
    expect(compressed(noise)).toBe(noise);
    expect(compressed(new Uint8Array(100))).toHaveLength(100);
  });

  it('lets other bytes pass as they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 50 }), async (bytes) => {
        fc.pre(!isCompressed(bytes));
        const read = await all(unpacked(inPieces(bytes), () => expect.unreachable()));
        expect([...read]).toEqual([...bytes]);
      }),
    );
  });

  it('reads what zstd itself has written', async () => {
    const read = await all(unpacked(inPieces(BY_ZSTD), () => {}));
    expect(read.toString()).toBe('text, '.repeat(72));
    expect(Buffer.from(decompressed(BY_ZSTD)).toString()).toBe('text, '.repeat(72));
  });

  it('throws for damaged bytes, or gives others', async () => {
    for (const length of [5, 10, 20]) {
      const read = await all(unpacked(inPieces(BY_ZSTD.subarray(0, length)), () => {})).catch(() => Buffer.alloc(0));
      expect(read.length).not.toBe(432);
    }
    expect(() => decompressed(BY_ZSTD.subarray(0, 10))).toThrow();
  });
});

/** Pieces of growing length: 1, 2, 3, … bytes. */
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0, length = 1; at < bytes.length; at += length, length++) yield bytes.subarray(at, at + length);
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(Uint8Array.from(chunk));
  return Buffer.concat(read);
}
