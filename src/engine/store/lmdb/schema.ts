import { join } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import { Failure } from '../../base/failure.ts';
import type { StoreAccess } from '../store.ts';
import { decodedOr, decodeJson, encodeJson } from './encoding.ts';
import { damagedFile, unwritableCache } from './failure.ts';
import type { SealedTable } from './sealed-table.ts';

/** Raise it when records or keys of the databases change their form. Newer code refuses an older cache, and older code a newer one. */
const STORE_SCHEMA = 2;

type Table = Database<Buffer, Buffer>;

const SCHEMA_KEY = Buffer.from('schema');
/** A key of the table of notes. */
const TABLES_KEY = Buffer.from('tables');

/** A table. Where nothing can be written, a missing one is empty. */
export function openTable(environment: RootDatabase<Buffer, Buffer>, name: string, access: StoreAccess): Table {
  const options = { keyEncoding: 'binary', encoding: 'binary' } as const;
  if (access === 'write') return environment.openDB(name, options);
  return isThere(environment, name) ? environment.openDB(name, options) : emptyTable();
}

/**
 * @throws {Failure} kind `store` for a cache of another version, and for one whose tables have changed: LMDB would create a table whose name is damaged
 *   again, and it would be empty
 */
export function checkSchema(
  environment: RootDatabase<Buffer, Buffer>,
  notes: SealedTable,
  { directory, folder, access }: { readonly directory: string; readonly folder: string; readonly access: StoreAccess },
): void {
  const damaged = (how: string) => damagedFile(join(folder, 'data.mdb'), how);
  const found = openTable(environment, 'meta', access).get(SCHEMA_KEY);
  const known = notedTables(notes);
  if (found === undefined) {
    if (known) throw damaged('its schema is missing');
    if (access === 'read') throw unwritableCache(directory);
    return;
  }
  const version = decodedOr(() => decodeJson<{ version?: unknown }>(found))?.version;
  if (typeof version !== 'number') throw damaged('its schema cannot be read');
  if (version !== STORE_SCHEMA) throw anotherSchema(version, directory);
  const lost = known?.find((name) => !isThere(environment, name));
  if (lost !== undefined) throw damaged(`its table ${lost} is missing`);
}

/** Writes which tables there are, the version last. So a cache with a version has all its tables. */
export function keepSchema(
  environment: RootDatabase<Buffer, Buffer>,
  notes: SealedTable,
  names: readonly string[],
): void {
  const meta = openTable(environment, 'meta', 'write');
  const isKept = notedTables(notes)?.join() === names.join() && meta.doesExist(SCHEMA_KEY);
  if (isKept) return;
  environment.transactionSync(() => {
    notes.put(TABLES_KEY, encodeJson(names));
    meta.put(SCHEMA_KEY, encodeJson({ version: STORE_SCHEMA }));
  });
}

function notedTables(notes: SealedTable): readonly string[] | undefined {
  const found = notes.get(TABLES_KEY);
  return found && decodedOr(() => decodeJson<readonly string[]>(found));
}

function isThere(environment: RootDatabase<Buffer, Buffer>, name: string): boolean {
  // lmdb ends names of tables with a zero byte.
  return environment.doesExist(Buffer.from(`${name}\0`));
}

function anotherSchema(version: number, directory: string): Failure {
  return new Failure('store', {
    fact: `the cache in ${directory} has schema ${version}; this vmfdag reads schema ${STORE_SCHEMA}`,
    fix:
      version > STORE_SCHEMA
        ? 'it was written by a newer vmfdag: use that one, or another folder with --cache DIR'
        : 'it was written by an older vmfdag: use another folder with --cache DIR, or delete this one',
  });
}

/** Stands for a table of a later version where nothing can be written. */
function emptyTable(): Table {
  const empty = {
    get: () => undefined,
    getBinaryFast: () => undefined,
    doesExist: () => false,
    getRange: () => [],
    getKeys: () => [],
    getStats: () => ({ entryCount: 0 }),
  };
  return empty as unknown as Table;
}
