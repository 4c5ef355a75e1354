import { isJsonObject, type JsonValue } from '../../base/json.ts';
import type { Codec } from '../artefact.ts';

/**
 * JSON text with sorted keys, so that equal values have equal bytes. Decoded values are trusted to have the shape that
 * the producing stage's type says: `json<Metrics>()`.
 *
 * @throws {TypeError} on encoding NaN or ±Infinity: JSON would turn them into null silently.
 */
export function json<T>(): Codec<T> {
  return {
    type: 'json',
    encode: (value) => new TextEncoder().encode(`${JSON.stringify(sorted(value as JsonValue, '$'))}\n`),
    decode: (encoded) => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(encoded)) as T,
  };
}

function sorted(value: JsonValue, path: string): JsonValue {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`${path} is ${value}: not a JSON number`);
  if (Array.isArray(value)) return value.map((item, index) => sorted(item, `${path}[${index}]`));
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] as JsonValue, `${path}.${key}`)]));
}
