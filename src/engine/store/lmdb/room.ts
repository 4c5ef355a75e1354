import { randomFillSync } from 'node:crypto';
import { existsSync, linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeBytes } from './failure.ts';

/** Space that is kept for the time when the disk is full. */
const RESERVE_FILE = 'reserve';

/** LMDB writes a page anew before it frees the old one, so that even to remove something takes room: a few dozen pages to begin with. */
const RESERVE_BYTES = 512 * 1024;

/** A disk that has little more left is left alone. */
const AMPLE_BYTES = 8 * RESERVE_BYTES;

/** More than LMDB's lock file is long. */
export const LOCK_BYTES = 64 * 1024;

/** Sets space aside in a cache folder, where there is plenty of it. */
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

/** Gives that space back, where the disk has hardly any other: for who makes room in the cache. */
export function useReserve(directory: string): void {
  if ((freeBytes(directory) ?? AMPLE_BYTES) < RESERVE_BYTES) rmSync(join(directory, RESERVE_FILE), { force: true });
}

/**
 * Makes LMDB's lock file with all of its blocks. LMDB itself leaves holes in it, and maps it: to touch a hole when the disk is full is a fatal signal.
 * It appears in one step, since LMDB may be about to make it in another process.
 */
export function allocateLockFile(folder: string): void {
  const file = join(folder, 'lock.mdb');
  if (existsSync(file) || (freeBytes(folder) ?? 0) < 2 * LOCK_BYTES) return;
  const part = join(folder, `lock.${process.pid}.part`);
  try {
    writeFileSync(part, Buffer.alloc(LOCK_BYTES));
    linkSync(part, file);
  } catch {
    // Another process was faster, or the file system has no links: then LMDB makes it.
  } finally {
    rmSync(part, { force: true });
  }
}
