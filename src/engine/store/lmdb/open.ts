import { accessSync, closeSync, constants, existsSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { Failure } from '../../base/failure.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { DISK_FULL_FIX } from '../../base/system-error.ts';
import { requireLocalDisk } from '../lock/local-disk.ts';
import { requireOwnProcessNumber } from '../lock/process-number.ts';
import type { StoreAccess } from '../store.ts';
import { hasMark, isAsClosed, markOpen } from './close-mark.ts';
import { damagedFile, freeBytes, noDatabaseFile, removedCache, storeFailure } from './failure.ts';
import { checkDatabaseFile, checkMetaPages } from './file-check.ts';
import { currentFolder } from './generation.ts';
import { allocateLockFile, LOCK_BYTES } from './room.ts';

/** LMDB's magic number, in the byte order of the machine, after the header of the first page. */
const MAGIC = 0xbeefc0de;
const MAGIC_OFFSET = 24;

/**
 * So much of the file is mapped at once, of which only what is read takes memory. When LMDB maps a grown file again, the earlier maps stay, and
 * each of them counts the same pages again.
 */
const MAP_BYTES = 2 ** 30;

/** An LMDB environment, and the folder of its files. */
export interface OpenedEnvironment {
  readonly environment: RootDatabase<Buffer, Buffer>;
  readonly folder: string;
  readonly access: StoreAccess;
}

/**
 * Whether to create a missing cache. A `checked` one exists, and the parent of this process has read it through.
 */
export type Creation = 'create' | 'existing' | 'checked';

/**
 * Opens the LMDB environment of a cache folder.
 *
 * @throws {Failure} kind `store` when the folder cannot be used
 */
export function openEnvironment(directory: string, creation: Creation): OpenedEnvironment {
  requireLocalDisk(directory);
  try {
    silenceLmdb();
    for (;;) {
      const folder = currentFolder(directory);
      // A worker would create a cache of its own, which its parent never sees.
      if (creation !== 'create' && !existsSync(join(folder, 'data.mdb'))) throw removedCache(directory);
      refuseOtherThanFiles(folder);
      requireOwnProcessNumber(folder);
      const access = accessOf(folder);
      const environment = openFolder(folder, access, creation);
      if (currentFolder(directory) === folder) return { environment, folder, access };
      // Compacted in between: this is the old file, or an empty one in its place.
      void environment.close();
    }
  } catch (error) {
    throw storeFailure(error, `cannot open the cache in ${directory}`, directory);
  }
}

function openFolder(folder: string, access: StoreAccess, creation: Creation): RootDatabase<Buffer, Buffer> {
  if (access === 'write') makeFolder(folder);
  if (access === 'write') {
    allocateLockFile(folder);
    refuseWithoutRoom(folder);
  }
  refuseDamaged(folder, creation);
  // Until the orderly close: a process that finds no mark reads the file through.
  if (access === 'write' && creation !== 'checked' && hasMark(folder)) markOpen(folder);
  return open<Buffer, Buffer>({
    path: folder,
    keyEncoding: 'binary',
    encoding: 'binary',
    // Then LMDB does not create its lock file if it is missing.
    readOnly: access === 'read',
    maxDbs: 64,
    ...(isKnownLayout() ? { mapSize: MAP_BYTES } : {}),
    // Every worker takes a slot or two; slots of killed processes are reclaimed.
    maxReaders: 512,
    // A commit is on the disk before the next one may begin. lmdb's default lets them overlap, for which processes share a second mutex and a
    // third meta page. Caches of killed runs then had a page twice in LMDB's list of free pages.
    overlappingSync: false,
    // With it, lmdb creates an internal promise for each batch. When a commit fails, its unhandled rejection would
    // end the process. Transactions are grouped without it as well.
    eventTurnBatching: false,
  });
}

/** A cache on a read-only file system, or of another user, can still be read. */
function accessOf(folder: string): StoreAccess {
  const files = ['', 'data.mdb', 'lock.mdb'].map((name) => join(folder, name));
  return existsSync(join(folder, 'data.mdb')) && files.some(isProtected) ? 'read' : 'write';
}

function isProtected(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return ['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

/** Opening a pipe would wait forever, and a dangling link would create a file elsewhere. */
function refuseOtherThanFiles(folder: string): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  for (const name of ['data.mdb', 'lock.mdb']) {
    const file = join(folder, name);
    const link = lstatSync(file, { throwIfNoEntry: false });
    const target = link?.isSymbolicLink() ? statSync(file, { throwIfNoEntry: false }) : link;
    if (!link || target?.isFile()) continue;
    if (!target) throw noDatabaseFile(file, 'a link to nowhere');
    throw noDatabaseFile(file, target.isDirectory() ? 'a folder' : target.isFIFO() ? 'a pipe' : 'a device or socket');
  }
}

/** A wrong page number ends the whole process inside LMDB, where nothing can be caught. */
function refuseDamaged(directory: string, creation: Creation): void {
  const data = join(directory, 'data.mdb');
  const size = statSync(data, { throwIfNoEntry: false })?.size;
  if (!size && hasMark(directory)) throw damagedFile(data, size === undefined ? 'it is missing' : 'it is empty');
  if (!isEmptyOrLmdb(data)) {
    throw new Failure('store', {
      fact: `${data} is not an LMDB database`,
      fix: 'the folder holds something else than a cache of vmfdag, or a damaged one: use another one with --cache DIR',
    });
  }
  if (size && isKnownLayout()) {
    if (creation === 'checked' || isAsClosed(directory)) checkMetaPages(data);
    else checkDatabaseFile(data);
  }
}

/** LMDB maps its lock file: writing to a page without room on the disk is a fatal signal. */
function refuseWithoutRoom(directory: string): void {
  const lock = statSync(join(directory, 'lock.mdb'), { throwIfNoEntry: false });
  const isAllocated = lock !== undefined && lock.blocks * 512 >= lock.size;
  if (!isAllocated && (freeBytes(directory) ?? LOCK_BYTES) < LOCK_BYTES) {
    throw new Failure('store', {
      fact: `cannot open the cache in ${directory}: there is no room for it`,
      fix: DISK_FULL_FIX,
    });
  }
}

/** LMDB writes numbers in the processor's byte order, and page numbers of half the size on 32-bit processors. */
function isKnownLayout(): boolean {
  return endianness() === 'LE' && /64/.test(process.arch);
}

function isEmptyOrLmdb(file: string): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return true;
  const start = Buffer.alloc(MAGIC_OFFSET + 4);
  const descriptor = openSync(file, 'r');
  try {
    if (readSync(descriptor, start, 0, start.length, 0) < start.length) return false;
  } finally {
    closeSync(descriptor);
  }
  return start.readUInt32LE(MAGIC_OFFSET) === MAGIC || start.readUInt32BE(MAGIC_OFFSET) === MAGIC;
}

let silenced = false;

/** lmdb prints the stack of an error in its write thread, although it rejects with the same error. Users get the one line only. */
function silenceLmdb(): void {
  if (silenced) return;
  silenced = true;
  const print = console.error;
  console.error = (...values: unknown[]) => {
    const [first] = values;
    const isOfLmdb =
      values.length === 1 && first instanceof Error && /node_modules[\\/]lmdb[\\/]/.test(first.stack ?? '');
    if (!isOfLmdb) print(...values);
  };
}
