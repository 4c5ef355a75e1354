import { Failure } from '../base/failure.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { keysInOrder } from '../pipeline/declared-order.ts';
import { describeValue } from '../pipeline/lookup.ts';
import { type Place, problemAt } from '../pipeline/source.ts';
import type { MatrixCoordinate } from '../pipeline/spec.ts';
import type { Coordinate } from '../stage/stage.ts';
import { encodeSegment } from './node-id.ts';

/** More nodes than anyone waits for: a slip such as `to: 1e9` must not fill the memory. */
export const MAX_NODES = 1_000_000;

/** It is a part of the ids of nodes, which are read, typed and kept. */
const LONGEST_SEGMENT = 1000;

const KINDS: Readonly<Record<string, string>> = { string: 'text', number: 'a number', boolean: 'true or false' };

export interface CoordinateValues {
  readonly values: readonly Coordinate[];
  readonly segments: readonly string[];
}

/**
 * The values that one coordinate takes, with their segments.
 * @throws {Failure} for what is no list of coordinates, and for a value that comes twice.
 */
export function coordinateValues({ name, place, kind }: MatrixCoordinate, value: JsonValue): CoordinateValues {
  const values = kind === 'range' ? rangeOf(value as JsonObject, place) : listOf(value, place);
  const segments = values.map(encodeSegment);
  const seen = new Map<string, Coordinate>();
  segments.forEach((segment, i) => {
    if (segment === '') {
      throw new Failure(
        'usage',
        problemAt(place, `coordinate "${name}" has an empty value`, 'give every value a name'),
      );
    }
    if (segment.length > LONGEST_SEGMENT) {
      const fact = `coordinate "${name}" has a value that is ${segment.length} characters long in the id of a node`;
      throw new Failure(
        'usage',
        problemAt(place, fact, `give it a name of at most ${LONGEST_SEGMENT}, and look the value up by it`),
      );
    }
    const same = seen.get(segment);
    if (same !== undefined) {
      const kinds =
        typeof same === typeof values[i] ? '' : `: as ${KINDS[typeof same]} and as ${KINDS[typeof values[i]]}`;
      const fact = `coordinate "${name}" has the value ${String(values[i])} twice${kinds}`;
      throw new Failure('usage', problemAt(place, fact, 'keep one of the two'));
    }
    seen.set(segment, values[i] as Coordinate);
  });
  return { values, segments };
}

function rangeOf({ from, to }: JsonObject, place: Place): readonly number[] {
  const first = wholeNumber(from as JsonValue, place);
  const last = wholeNumber(to as JsonValue, place);
  if (last - first >= MAX_NODES) {
    const fact = `the range from ${first} to ${last} has more than ${MAX_NODES} values`;
    throw new Failure('usage', problemAt(place, fact, 'shorten it'));
  }
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** A bound of a range. */
export function wholeNumber(value: JsonValue, place: Place): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new Failure('usage', problemAt(place, `this is ${describeValue(value)}`, 'a range needs a whole number'));
}

/** The values that a list, or a mapping by its keys, stands for. */
export function listOf(value: JsonValue, place: Place): readonly Coordinate[] {
  if (isJsonObject(value)) return keysInOrder(value);
  if (!Array.isArray(value)) {
    const fact = `this is ${describeValue(value)}, not a list`;
    throw new Failure('usage', problemAt(place, fact, 'use a list, or a mapping for its keys'));
  }
  return (value as readonly JsonValue[]).map((item) => {
    if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return item;
    const fact = `the list holds ${describeValue(item)}, which cannot be a coordinate`;
    throw new Failure('usage', problemAt(place, fact, 'use texts, numbers, true and false'));
  });
}
