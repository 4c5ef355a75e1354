import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { JsonValue } from '../../base/json.ts';

const ALGORITHMS = ['sha256', 'sha1', 'sha512', 'sha384', 'md5'] as const;
const CHUNK_BYTES = 1 << 20;

/** The length of the shortest digest, an MD5 in Base64 without padding. */
const SHORTEST = 22;

/** Whether one of the params holds the digest of the file's bytes. Then the key holds it too, and the stage can check it. */
export function isPinned(file: string, texts: readonly string[]): boolean {
  if (texts.length === 0) return false;
  return digestsOf(file).some((digest) =>
    texts.some((text) => text.includes(digest) || text.toLowerCase().includes(digest)),
  );
}

/** The texts in params that may be, or contain, a digest. */
export function longTexts(params: JsonValue): readonly string[] {
  if (typeof params === 'string') return params.length >= SHORTEST ? [params] : [];
  if (typeof params !== 'object' || params === null) return [];
  return Object.values(params).flatMap((value: JsonValue) => longTexts(value));
}

/** In hexadecimal and in Base64; empty if it is no file. */
function digestsOf(file: string): readonly string[] {
  const hashes = ALGORITHMS.map((algorithm) => createHash(algorithm));
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return [];
  }
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let count = readSync(descriptor, chunk); count > 0; count = readSync(descriptor, chunk)) {
      for (const hash of hashes) hash.update(chunk.subarray(0, count));
    }
  } catch {
    return [];
  } finally {
    closeSync(descriptor);
  }
  return hashes.flatMap((hash) => {
    const digest = hash.digest();
    return [digest.toString('hex'), digest.toString('base64').replace(/=+$/, '')];
  });
}
