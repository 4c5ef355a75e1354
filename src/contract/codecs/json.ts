import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { SynchronousCodec } from '../artefact.ts';

/**
 * JSON text with sorted keys, so that equal values have equal bytes. Decoded values are trusted to have the shape that
 * the producing stage's type says: `json<Metrics>()`.
 *
 * @throws {TypeError} on encoding what JSON would change silently: NaN and ±Infinity, typed arrays, dates, maps, and
 *   undefined in a list. A field that is undefined is left out.
 */
export function json<T>(): SynchronousCodec<T> {
  return {
    type: 'json',
    encode: (value) => new TextEncoder().encode(`${JSON.stringify(sorted(value as JsonValue, '$'))}\n`),
    decode: (encoded) => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(encoded)) as T,
  };
}

function sorted(value: JsonValue, path: string): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${path} is ${value}: not a JSON number`);
    return value;
  }
  if (Array.isArray(value)) return Array.from(value, (item, index) => sorted(item, `${path}[${index}]`));
  if (!isPlainObject(value)) throw new TypeError(`${path} is ${nameOf(value)}: JSON cannot hold it`);
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] as JsonValue, `${path}.${key}`)]));
}

function isPlainObject(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'undefined';
  return `a ${typeof value === 'object' ? value?.constructor.name : typeof value}`;
}
