import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1024 * 1024;

/** A buffer of its own for each of 20,000 small files takes longer than reading them. */
let sharedChunk: Buffer | undefined;

/** SHA-256 of a file, which is read in parts: it may be large. For callers that cannot wait. */
export function hashFile(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const hash = createHash('sha256');
    sharedChunk ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const chunk = sharedChunk;
    for (let count = 1; count > 0; ) {
      count = readSync(descriptor, chunk, 0, chunk.length, null);
      hash.update(chunk.subarray(0, count));
    }
    return hash.digest('hex');
  } finally {
    closeSync(descriptor);
  }
}
