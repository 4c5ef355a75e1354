import { hash } from 'node:crypto';
import type { ArtefactDigest } from '../../base/digest.ts';
import type { Trace } from '../store.ts';
import { crc32 } from './crc32.ts';

const DIGEST_BYTES = 32;
const SUM_BYTES = 4;
const HEAD_BYTES = SUM_BYTES + 8;

/**
 * A CRC-32 of the key and of what follows, float64 seconds, then 32 bytes for each output. Numbers are little-endian. An up-to-date run reads one of
 * these for each node. A SHA-256 of each would be noticeable, and a CRC never misses a single damaged place.
 */
export function encodeTrace(key: Buffer, { outputs, seconds }: Trace): Buffer {
  const encoded = Buffer.allocUnsafe(HEAD_BYTES + outputs.length * DIGEST_BYTES);
  encoded.writeDoubleLE(seconds, SUM_BYTES);
  outputs.forEach((digest, index) => {
    encoded.write(digest, HEAD_BYTES + index * DIGEST_BYTES, 'hex');
  });
  encoded.writeUInt32LE(traceSum(key, encoded), 0);
  return encoded;
}

/** Undefined for bytes that were not written under this key. */
export function decodeTrace(key: Buffer, encoded: Buffer): Trace | undefined {
  const { length } = encoded;
  if (length < HEAD_BYTES || encoded.readUInt32LE(0) !== traceSum(key, encoded)) return undefined;
  const outputs: ArtefactDigest[] = [];
  for (let offset = HEAD_BYTES; offset < length; offset += DIGEST_BYTES) {
    outputs.push(encoded.toString('hex', offset, offset + DIGEST_BYTES) as ArtefactDigest);
  }
  return { outputs, seconds: encoded.readDoubleLE(SUM_BYTES) };
}

function traceSum(key: Buffer, encoded: Buffer): number {
  return crc32(encoded, SUM_BYTES, encoded.length, crc32(key, 0, DIGEST_BYTES));
}

export function encodeJson(value: object | string | number | boolean | null): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export function decodeJson<T>(encoded: Buffer): T {
  return JSON.parse(encoded.toString('utf8')) as T;
}

/** The result of `decode`; undefined if the bytes are not what it expects. */
export function decodedOr<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

/** LMDB limits the length of a key, but node ids and paths have no limit. */
export function nameKey(name: string): Buffer {
  return hash('sha256', name, 'buffer');
}
