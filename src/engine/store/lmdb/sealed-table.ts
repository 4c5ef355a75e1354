import { hash } from 'node:crypto';
import type { Database } from 'lmdb';

type RangeOptions = NonNullable<Parameters<Database<Buffer, Buffer>['getRange']>[0]>;

/** How many bytes of a SHA-256 stand in front of a value. */
const SEAL_BYTES = 16;

/** What a table holds under a key. */
export type Sealed =
  | { readonly kind: 'sound'; readonly value: Buffer }
  | { readonly kind: 'missing' }
  | { readonly kind: 'damaged' };

/**
 * A table whose values carry a digest of the table's name, the key and the value. So each read detects a changed bit, and a value under another key.
 * LMDB itself has no checksums.
 */
export interface SealedTable {
  readonly name: string;
  look(key: Buffer): Sealed;
  /** The value; a damaged one counts as missing. */
  get(key: Buffer): Buffer | undefined;
  /** How many entries there are, sound or damaged. */
  count(): number;
  /** Whether there is a value, sound or damaged. */
  has(key: Buffer): boolean;
  /** Sound ones only. */
  entries(range?: RangeOptions): Iterable<{ readonly key: Buffer; readonly value: Buffer }>;
  keys(range?: RangeOptions): Iterable<Buffer>;
  damagedKeys(): Iterable<Buffer>;
  /** Call those that write only inside a transaction. */
  put(key: Buffer, value: Buffer): void;
  remove(key: Buffer): void;
}

export function sealedTable(name: string, table: Database<Buffer, Buffer>): SealedTable {
  const look = (key: Buffer): Sealed => {
    const found = table.get(key);
    if (!found) return { kind: 'missing' };
    const value = unsealed(name, key, found);
    return value ? { kind: 'sound', value } : { kind: 'damaged' };
  };
  function* range(options: RangeOptions = {}) {
    for (const { key: bytes, value: sealed } of table.getRange(options)) {
      const key = Buffer.from(bytes);
      yield { key, value: unsealed(name, key, sealed) };
    }
  }
  return {
    name,
    look,
    get(key) {
      const found = look(key);
      return found.kind === 'sound' ? found.value : undefined;
    },
    count: () => entryCount(table),
    has: (key) => table.doesExist(key),
    *entries(options) {
      for (const { key, value } of range(options)) if (value) yield { key, value };
    },
    *keys(options = {}) {
      for (const key of table.getKeys(options)) yield Buffer.from(key);
    },
    *damagedKeys() {
      for (const { key, value } of range()) if (!value) yield key;
    },
    put: (key, value) => void table.put(key, Buffer.concat([seal(name, key, value), value])),
    remove: (key) => void table.remove(key),
  };
}

export function entryCount(table: Database<Buffer, Buffer>): number {
  return (table.getStats() as { entryCount: number }).entryCount;
}

function unsealed(name: string, key: Buffer, sealed: Buffer): Buffer | undefined {
  if (sealed.length < SEAL_BYTES) return undefined;
  const value = sealed.subarray(SEAL_BYTES);
  return seal(name, key, value).equals(sealed.subarray(0, SEAL_BYTES)) ? value : undefined;
}

function seal(name: string, key: Buffer, value: Buffer): Buffer {
  // Lengths first, so that no other division of the same bytes has this digest.
  const head = Buffer.from(`${name.length} ${key.length} ${name}`);
  return hash('sha256', Buffer.concat([head, key, value]), 'buffer').subarray(0, SEAL_BYTES);
}
