import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { SameProcessNumber } from '../../base/same-process-number.ts';
import { isByteLocked } from './system-lock.ts';

/** Folders that this process has or had open. */
const opened = new Set<string>();

/**
 * LMDB identifies its readers by process number, and containers number their processes alike. The second reader of a number would wait ten seconds,
 * and fail. Each reader locks the byte of its number in LMDB's lock file.
 *
 * @throws {Failure} kind `store` when a process of another container has the same number and the cache open
 */
export function requireOwnProcessNumber(folder: string): void {
  // Closing the file would end the locks that LMDB, in this process, has in it.
  if (process.platform !== 'linux' || opened.has(folder)) return;
  opened.add(folder);
  let descriptor: number;
  try {
    descriptor = openSync(join(folder, 'lock.mdb'), 'r');
  } catch {
    return;
  }
  try {
    if (!isByteLocked(descriptor, process.pid)) return;
  } finally {
    closeSync(descriptor);
  }
  opened.delete(folder);
  throw new SameProcessNumber('store', {
    fact: `a process of another container has the cache open under the number of this one, ${process.pid}`,
    fix: 'start this one again: it will have another number; a container should start it through a shell or with an init process (docker run --init)',
  });
}
