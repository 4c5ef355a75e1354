import { rmSync } from 'node:fs';
import { LARGEST_INLINE_BYTES } from './blob-folder.ts';
import { withHandle, writeAll } from './file-bytes.ts';
import type { WorkFolder } from './work-folder.ts';

/** A flushed file in the work folder. It becomes a blob in the transaction that names it. */
export interface StagedBlob {
  readonly file: string;
  readonly bytes: number;
}

/** Bytes as they go into a transaction: small ones themselves, large ones as a file. */
export type StagedBytes = Uint8Array | StagedBlob;

/** Writes bytes to a file if they are too many for LMDB. */
export async function staged(bytes: Uint8Array, work: WorkFolder): Promise<StagedBytes> {
  if (bytes.length <= LARGEST_INLINE_BYTES) return bytes;
  const file = work.newPath();
  try {
    await withHandle(file, 'wx', async (handle) => {
      await writeAll(handle, bytes);
      await handle.chmod(0o444);
      await handle.sync();
    });
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
  return { file, bytes: bytes.length };
}

/** Removes what no transaction has named. */
export function discard(content: StagedBytes): void {
  if (!(content instanceof Uint8Array)) rmSync(content.file, { force: true });
}
