import type { JsonValue } from './json.ts';

/** What has canonical bytes: JSON values, and byte strings (digests) in them. */
export type Canonical = JsonValue | Uint8Array | readonly Canonical[] | { readonly [key: string]: Canonical };

const TAG = { null: 0x6e, false: 0x66, true: 0x74, number: 0x64, string: 0x73, bytes: 0x62, list: 0x6c, map: 0x6d };

let buffer = Buffer.allocUnsafe(1 << 16);
let length = 0;

/**
 * Encodes a value as type-tagged, length-prefixed bytes. Equal values give equal bytes in any order of their object keys.
 * Different values (1 and "1", [] and {}, ["ab"] and ["a", "b"]) give different bytes.
 * Node keys are hashes of these bytes. A change here invalidates every cache: raise KEY_SCHEMA with it.
 *
 * Layout: null `n`, booleans `f` `t`, number `d` + float64 big-endian (−0 as 0), string `s` + u32 byte length + UTF-8,
 * bytes `b` + u32 length + bytes, list `l` + u32 count + items, map `m` + u32 count + (string, value) sorted by code unit.
 *
 * @throws {TypeError} for NaN, ±Infinity, undefined, functions and other values without canonical bytes: text with half of
 *   a surrogate pair (UTF-8 would turn each into U+FFFD), and objects that are not plain (a Date has no keys to tell it by).
 */
export function canonicalBytes(value: Canonical): Buffer {
  return Buffer.from(canonicalView(value));
}

/** The same bytes without a copy: valid only until the next call. */
export function canonicalView(value: Canonical): Buffer {
  length = 0;
  write(value);
  return buffer.subarray(0, length);
}

function reserve(extra: number): void {
  if (length + extra <= buffer.length) return;
  const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + extra));
  buffer.copy(larger, 0, 0, length);
  buffer = larger;
}

function writeTag(tag: number): void {
  reserve(1);
  buffer[length++] = tag;
}

function writeCount(tag: number, count: number): void {
  reserve(5);
  buffer[length++] = tag;
  length = buffer.writeUInt32BE(count, length);
}

function writeString(text: string): void {
  // UTF-8 needs at most three bytes for a UTF-16 code unit.
  reserve(5 + text.length * 3);
  const bytes = buffer.write(text, length + 5, 'utf8');
  if (bytes !== text.length && /\p{Surrogate}/u.test(text)) {
    throw new TypeError(`${JSON.stringify(text)} has half of a surrogate pair, and no canonical bytes`);
  }
  buffer[length] = TAG.string;
  buffer.writeUInt32BE(bytes, length + 1);
  length += 5 + bytes;
}

function write(value: Canonical): void {
  if (value === null) {
    writeTag(TAG.null);
    return;
  }
  switch (typeof value) {
    case 'boolean':
      writeTag(value ? TAG.true : TAG.false);
      break;
    case 'string':
      writeString(value);
      break;
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no canonical bytes`);
      reserve(9);
      buffer[length++] = TAG.number;
      length = buffer.writeDoubleBE(value === 0 ? 0 : value, length);
      break;
    case 'object':
      writeObject(value);
      break;
    default:
      throw new TypeError(`a value of type ${typeof value} has no canonical bytes`);
  }
}

function writeObject(value: Exclude<Canonical, null | boolean | number | string>): void {
  if (value instanceof Uint8Array) {
    writeCount(TAG.bytes, value.length);
    reserve(value.length);
    buffer.set(value, length);
    length += value.length;
  } else if (Array.isArray(value)) {
    writeCount(TAG.list, value.length);
    for (const item of value as readonly Canonical[]) write(item);
  } else {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new TypeError(`a ${value.constructor.name} has no canonical bytes`);
    }
    const map = value as { readonly [key: string]: Canonical };
    const keys = Object.keys(map).sort();
    writeCount(TAG.map, keys.length);
    for (const key of keys) {
      writeString(key);
      write(map[key] as Canonical);
    }
  }
}
