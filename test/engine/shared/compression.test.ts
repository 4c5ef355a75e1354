import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compressed,
  compressTo,
  decompressed,
  decompressFile,
  isCompressed,
} from '../../../src/engine/shared/compression.ts';
import { content, temporaryFolder } from '../store/fixtures.ts';

/** "text, text, … " 200 times, as `zstd -19` wrote it. */
const BY_ZSTD = Buffer.from('KLUv/WCwBGUAADB0ZXh0LCABAK0xAgI=', 'base64');
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
        const [packed, unpacked] = [join(folder, 'packed'), join(folder, 'unpacked')];
        expect(
          await compressTo(
            (async function* () {
              yield many;
            })(),
            packed,
          ),
        ).toBe(true);
        await decompressFile(packed, unpacked);
        expect(Buffer.compare(readFileSync(unpacked), many)).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('leaves alone what it cannot make shorter', () => {
    const noise = content(100_000);
    expect(compressed(noise)).toBe(noise);
    expect(compressed(new Uint8Array(100))).toHaveLength(100);
  });

  it('throws for damaged bytes', async () => {
    const folder = temporaryFolder();
    const damaged = join(folder, 'damaged');
    writeFileSync(damaged, BY_ZSTD.subarray(0, 10));
    await expect(decompressFile(damaged, join(folder, 'out'))).rejects.toThrow();
    expect(() => decompressed(BY_ZSTD.subarray(0, 10))).toThrow();
  });
});
