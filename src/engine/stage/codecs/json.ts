import type { SynchronousCodec } from '../artefact.ts';
import { jsonText } from './json-text.ts';

/**
 * JSON text with sorted keys, so that equal values have equal bytes. Decoded values are trusted to have the shape that
 * the producing stage's type says: `json<Metrics>()`. A field that is undefined is left out.
 *
 * @throws {TypeError} on encoding what would not come back from JSON as it was: NaN and ±Infinity, undefined in a list, typed
 *   arrays, dates, maps, promises, instances of classes, accessors, circles. The message names the place.
 */
export function json<T>(): SynchronousCodec<T> {
  return {
    type: 'json',
    encode: (value) => new TextEncoder().encode(`${jsonText(value)}\n`),
    decode: (encoded) => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(encoded)) as T,
  };
}
