import { createHash } from 'node:crypto';
import { type ArtefactDigest, digestToBytes } from '../../base/digest.ts';
import type { Trace } from '../store.ts';

const DIGEST_BYTES = 32;

/** float64 little-endian seconds, then 32 bytes for each output: an up-to-date run reads one of these per node. */
export function encodeTrace({ outputs, seconds }: Trace): Buffer {
  const encoded = Buffer.allocUnsafe(8 + outputs.length * DIGEST_BYTES);
  encoded.writeDoubleLE(seconds, 0);
  outputs.forEach((digest, index) => {
    digestToBytes(digest).copy(encoded, 8 + index * DIGEST_BYTES);
  });
  return encoded;
}

export function decodeTrace(encoded: Buffer): Trace {
  const outputs: ArtefactDigest[] = [];
  for (let offset = 8; offset < encoded.length; offset += DIGEST_BYTES) {
    outputs.push(encoded.toString('hex', offset, offset + DIGEST_BYTES) as ArtefactDigest);
  }
  return { outputs, seconds: encoded.readDoubleLE(0) };
}

export function encodeJson(value: object | string | number | boolean | null): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export function decodeJson<T>(encoded: Buffer): T {
  return JSON.parse(encoded.toString('utf8')) as T;
}

/** What `decode` returns; nothing if the bytes are not what it expects. */
export function decodedOr<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

/** LMDB limits the length of a key, and names (node ids, paths) have none. */
export function nameKey(name: string): Buffer {
  return createHash('sha256').update(name).digest();
}
