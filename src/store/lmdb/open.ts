import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { RootDatabase } from 'lmdb';
import { Failure } from '../../base/failure.ts';

// The CommonJS build is one file; the ES modules are twenty, and take twice as long to load at every start.
const { open } = createRequire(import.meta.url)('lmdb') as typeof import('lmdb');

/** Raised when records or keys of the databases change their form; an older one is refused by newer code and the other way round. */
export const STORE_SCHEMA = 1;

/**
 * Opens the LMDB environment of a cache folder, making it if need be.
 *
 * @throws {Failure} kind `store` when the folder cannot be used, or was written by another schema.
 */
export function openEnvironment(directory: string): RootDatabase<Buffer, Buffer> {
  try {
    mkdirSync(directory, { recursive: true });
    return open<Buffer, Buffer>({
      path: directory,
      keyEncoding: 'binary',
      encoding: 'binary',
      maxDbs: 16,
      // Every worker process takes a slot or two; slots of killed processes are reclaimed.
      maxReaders: 512,
    });
  } catch (error) {
    throw storeFailure(error, `cannot open the cache in ${directory}`);
  }
}

/** Turns what LMDB or the file system threw into one clear line. */
export function storeFailure(error: unknown, fact: string): Failure {
  if (error instanceof Failure) return error;
  const { code, message } = error as { code?: string | number; message?: string };
  const text = `${code ?? ''} ${message ?? ''}`;
  const fix = /ENOSPC|No space left|MDB_MAP_FULL/i.test(text)
    ? 'the disk is full: free some space and run again; nothing finished is lost'
    : /EROFS|Read-only|EACCES|EPERM|[Pp]ermission/.test(text)
      ? 'the folder cannot be written: make it writable, or use another one with --cache DIR'
      : /ENOTDIR|EEXIST|Not a directory/.test(text)
        ? 'a file is in the way: use another folder with --cache DIR'
        : /MDB_CORRUPTED|MDB_INVALID|MDB_VERSION_MISMATCH|not an LMDB file/i.test(text)
          ? 'the folder holds something else than a cache of vmfdag: use another one with --cache DIR'
          : 'use another folder with --cache DIR, or mend this one';
  return new Failure('store', { fact: `${fact} (${message ?? String(error)})`, fix }, { cause: error });
}
