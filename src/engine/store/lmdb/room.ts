import { randomFillSync } from 'node:crypto';
import { existsSync, linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeBytes } from './failure.ts';

/** Space that is reserved for a full disk. */
const RESERVE_FILE = 'reserve';

/** LMDB writes a new copy of a page before it frees the old one. So even removing something takes room: at first a few dozen pages. */
const RESERVE_BYTES = 512 * 1024;

/** With little more left than this, no space is reserved. */
const AMPLE_BYTES = 8 * RESERVE_BYTES;

/** More than the length of LMDB's lock file. */
export const LOCK_BYTES = 64 * 1024;

/** Reserves space in a cache folder, if the disk has plenty. */
export function keepReserve(directory: string): void {
  const file = join(directory, RESERVE_FILE);
  if (existsSync(file) || (freeBytes(directory) ?? 0) < AMPLE_BYTES) return;
  try {
    // Zeros would take no room on a disk that compresses.
    writeFileSync(file, randomFillSync(Buffer.allocUnsafe(RESERVE_BYTES)));
  } catch {
    rmSync(file, { force: true });
  }
}

/** Gives that space back when the disk is nearly full, for commands that make room in the cache. */
export function useReserve(directory: string): void {
  if ((freeBytes(directory) ?? AMPLE_BYTES) < RESERVE_BYTES) rmSync(join(directory, RESERVE_FILE), { force: true });
}

/**
 * Makes LMDB's lock file with all of its blocks. LMDB itself leaves holes in it, and maps it. On a full disk, writing to a hole is a fatal signal.
 * The file appears in one step, since LMDB in another process may be about to make it.
 */
export function allocateLockFile(folder: string): void {
  const file = join(folder, 'lock.mdb');
  if (existsSync(file) || (freeBytes(folder) ?? 0) < 2 * LOCK_BYTES) return;
  const part = join(folder, `lock.${process.pid}.part`);
  try {
    writeFileSync(part, Buffer.alloc(LOCK_BYTES));
    linkSync(part, file);
  } catch {
    // Another process was faster, or the file system has no links. Then LMDB makes the file.
  } finally {
    rmSync(part, { force: true });
  }
}
