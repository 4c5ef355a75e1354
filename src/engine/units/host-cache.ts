import { closeSync, constants, lstatSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../base/failure.ts';
import { makeFolder } from '../base/make-folder.ts';
import { type LockCall, type LockMode, lockOpenFile } from '../store/lock/system-lock.ts';

/** Every unit has a shared lock on it for as long as it lives. */
const LOCK_FILE = 'units.lock';

const POLL_MS = 20;

/** A cache in use. */
export interface HostCache {
  /** Call it when the store is closed. */
  leave(): void;
}

/**
 * Begins to use the cache of the units of this host. If no unit uses it now, and it has more bytes than the limit, it is emptied first: runs have
 * all that is in it, and send again what is needed.
 *
 * @throws {Failure} kind `environment` if another user may have put something there: a unit executes the code that it finds in its cache
 */
export async function enterHostCache(directory: string, limitBytes: number): Promise<HostCache> {
  makeFolder(directory);
  checkOwner(directory);
  const file = join(directory, LOCK_FILE);
  const only = openSync(file, 'a+');
  try {
    if (lock(only, 'exclusive') === 'locked' && bytesBelow(directory, limitBytes) > limitBytes) empty(directory);
  } finally {
    closeSync(only);
  }
  const descriptor = openSync(file, 'a+');
  // Another unit may be emptying it.
  while (lock(descriptor, 'shared') === 'held by another') await sleep(POLL_MS);
  return { leave: () => closeSync(descriptor) };
}

const WRITABLE_BY_ALL = 0o002;

/** In a folder such as `/tmp`, anybody may have made the cache before, or a link with its name. */
function checkOwner(directory: string): void {
  const user = process.getuid?.();
  if (user === undefined || (statSync(dirname(directory)).mode & WRITABLE_BY_ALL) === 0) return;
  // Of a link itself: its owner may lead it elsewhere.
  const { uid, mode } = lstatSync(directory);
  const isLink = (mode & constants.S_IFMT) === constants.S_IFLNK;
  if (uid === user && (isLink || (mode & WRITABLE_BY_ALL) === 0)) return;
  const why = uid === user ? 'can be written by all users' : `belongs to user ${uid}, and this unit to user ${user}`;
  throw new Failure('environment', {
    fact: `the cache ${directory} ${why}: a unit executes the code that it finds there`,
    fix: 'name a folder of your own with --cache',
  });
}

/** Where a system has no such locks, nothing is emptied. */
function lock(descriptor: number, mode: LockMode): ReturnType<LockCall> | 'no locks' {
  try {
    return lockOpenFile(descriptor, mode);
  } catch {
    return 'no locks';
  }
}

function empty(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name !== LOCK_FILE) rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** The bytes of all files. It stops counting above the limit. */
function bytesBelow(directory: string, limit: number): number {
  let sum = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) sum += bytesBelow(path, limit - sum);
    // Of a file with holes, what it takes.
    else sum += (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
    if (sum > limit) break;
  }
  return sum;
}
