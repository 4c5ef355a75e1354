import { statfsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../base/failure.ts';
import { DISK_FULL_FIX } from '../../base/system-error.ts';

/** If less than this is left, a failed write failed for lack of space, whatever its error says. */
const FULL_BYTES = 1 << 20;

/** How long lmdb may take to give the reason of a failed commit after it has reported the failure. */
const CAUSE_MILLISECONDS = 1000;

/** Turns an error of LMDB or the file system into one clear line. */
export function storeFailure(error: unknown, fact: string, directory: string): Failure {
  if (error instanceof Failure) return error;
  const { code, message } = error as { code?: string | number; message?: string };
  return new Failure(
    'store',
    { fact: `${fact} (${message ?? String(error)})`, fix: fixOf(`${code ?? ''} ${message ?? ''}`, directory) },
    { cause: error },
  );
}

/** The database's file is not what LMDB wrote. */
export function damagedFile(file: string, how: string): Failure {
  return new Failure('store', {
    fact: `${file} is damaged: ${how}`,
    fix: 'put back a copy of it, or delete the cache folder and run again; check the disk',
  });
}

/** The write is impossible: the file system is read-only, or this user lacks the permission. */
export function unwritableCache(directory: string): Failure {
  return new Failure('store', {
    fact: `the cache in ${directory} can be read, and not be written`,
    fix: 'make the folder and its files writable, or use another one with --cache DIR',
  });
}

/** Something else has the name of a file of the cache. */
export function noDatabaseFile(file: string, what: string): Failure {
  return new Failure('store', {
    fact: `${file} is ${what}, and not a file`,
    fix: 'put the file of the cache in its place, or use another folder with --cache DIR',
  });
}

/** The folder or its files were removed while a process had them open. */
export function removedCache(directory: string): Failure {
  return new Failure('store', {
    fact: `the cache in ${directory} was removed while a run was at work on it`,
    fix: 'run again, with a cache in a folder that nothing else removes',
  });
}

function fixOf(text: string, directory: string): string {
  // Where only a part of a page fits, LMDB reports an input/output error and not "no space left".
  const isFull = () => (freeBytes(directory) ?? FULL_BYTES) < FULL_BYTES;
  if (/ENOSPC|No space left|MDB_MAP_FULL/i.test(text) || (/EIO|Input\/output/i.test(text) && isFull())) {
    return DISK_FULL_FIX;
  }
  if (/EFBIG|File too large/i.test(text)) {
    return 'the file may not grow any further: raise the limit (ulimit -f), or use a disk that takes larger files with --cache DIR';
  }
  if (/EROFS|Read-only|EACCES|EPERM|permission/i.test(text)) {
    return 'the folder cannot be written: make it writable, or use another one with --cache DIR';
  }
  if (/ENOTDIR|EEXIST|Not a directory/i.test(text)) return 'a file is in the way: use another folder with --cache DIR';
  if (/MDB_CORRUPTED|MDB_INVALID|MDB_VERSION_MISMATCH/i.test(text)) {
    return 'the folder holds something else than a cache of vmfdag: use another one with --cache DIR';
  }
  if (REFUSED_FREE_LIST.test(text)) {
    return 'run again: nothing finished is lost; should it say so each time, use another folder with --cache DIR';
  }
  return 'use another folder with --cache DIR, or repair this one';
}

/** lmdb's own check of the list of free pages before it writes the list. */
const REFUSED_FREE_LIST = /MDB_BAD_TXN.*freelist/is;

/**
 * Whether a failed commit may succeed at a second try. lmdb keeps the list of free pages in memory from one commit to the next, and checks it
 * before it writes. After a kill of another process in mid-commit, that check has failed once in hundreds of kills. lmdb then writes nothing and
 * forgets the list, so a second try reads it again.
 */
export function isWorthAnotherTry(cause: unknown): boolean {
  return REFUSED_FREE_LIST.test(String((cause as { message?: string }).message ?? cause));
}

/** Free bytes on a folder's disk; undefined where the system does not say. */
export function freeBytes(directory: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/**
 * lmdb rejects a failed commit with an error without details. The error holds a promise that rejects with the reason.
 *
 * @returns that reason, or the error itself if it comes from no commit
 */
export async function causeOfCommitFailure(error: unknown): Promise<unknown> {
  const { commitError } = error as { readonly commitError?: Promise<never> };
  if (!commitError) return error;
  const reason = commitError.catch((cause: unknown) => cause);
  const unknown = new Error('the commit failed');
  return Promise.race([reason, sleep(CAUSE_MILLISECONDS, unknown, { ref: false })]);
}
