import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { storeFailure } from '../lmdb/failure.ts';
import { requireLocalDisk } from './local-disk.ts';
import { lockOpenFile } from './system-lock.ts';

/** The process that runs on the cache locks this file. It is never removed: another process may be about to lock it. */
const LOCK_FILE = 'lease.lock';

/** The lock of a cache folder. One process has it at a time, and it ends with the process at the latest. */
export interface CacheLock {
  unlock(): void;
}

/**
 * Locks a cache folder, and creates the folder if it is missing.
 *
 * @returns undefined if another process has it
 * @throws {Failure} kind `store` when the folder cannot be written or locked, or lies on a network file system
 */
export function lockCache(directory: string): CacheLock | undefined {
  requireLocalDisk(directory);
  for (;;) {
    const descriptor = openLockFile(directory);
    try {
      if (!lock(descriptor, directory)) {
        closeSync(descriptor);
        return undefined;
      }
      // The folder may have been removed in between, and a lock on a file without a name excludes nobody.
      if (isNamed(descriptor, directory)) return { unlock: () => closeSync(descriptor) };
      closeSync(descriptor);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }
}

/** Whether a process has the lock of a cache folder. */
export function isCacheLocked(directory: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(join(directory, LOCK_FILE), 'r');
  } catch {
    return false;
  }
  try {
    return lockOpenFile(descriptor, 'shared') === 'held by another';
  } catch {
    return false;
  } finally {
    closeSync(descriptor);
  }
}

function openLockFile(directory: string): number {
  try {
    makeFolder(directory);
    return openSync(join(directory, LOCK_FILE), 'a+');
  } catch (error) {
    throw storeFailure(error, `cannot open the cache in ${directory}`, directory);
  }
}

function lock(descriptor: number, directory: string): boolean {
  try {
    return lockOpenFile(descriptor, 'exclusive') === 'locked';
  } catch (error) {
    throw new Failure(
      'store',
      {
        fact: `cannot lock ${join(directory, LOCK_FILE)} (${(error as Error).message}), so other runs could not be kept out`,
        fix: 'put the cache on a file system with locks (ext4, xfs, btrfs, APFS, NTFS, …) with --cache DIR; where no compiled lock is installed for this system, install Perl',
      },
      { cause: error },
    );
  }
}

function isNamed(descriptor: number, directory: string): boolean {
  const named = statSync(join(directory, LOCK_FILE), { throwIfNoEntry: false });
  const opened = fstatSync(descriptor);
  return named?.ino === opened.ino && named.dev === opened.dev;
}
