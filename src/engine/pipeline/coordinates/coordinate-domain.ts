import { suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { Coordinate } from '../../stage/stage.ts';
import { MAX_NODES } from '../limits.ts';
import type { MatrixCoordinate } from '../pipeline.ts';
import { keysInOrder } from '../references/declared-order.ts';
import { describeValue } from '../references/lookup.ts';
import { type Place, problemAt } from '../yaml/source.ts';

/** In `take`, all entries that the list does not name. */
const OTHERS = '*';

/**
 * The values that a coordinate takes.
 * @param value what its template evaluates to
 * @throws {Failure} for a value that is no list of coordinates, no range, and no choice of entries
 */
export function domainOf(coordinate: MatrixCoordinate, value: JsonValue): readonly Coordinate[] {
  switch (coordinate.kind) {
    case 'list':
      return listOf(value, coordinate.place);
    case 'range':
      return rangeOf(value as JsonObject, coordinate.place);
    case 'entries':
      return entriesOf(value as JsonObject, coordinate.place, coordinate.takePlace);
  }
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

function entriesOf({ of, take }: JsonObject, place: Place, takePlace: Place): readonly string[] {
  if (!isJsonObject(of)) {
    const fact = `"of" is ${describeValue(of as JsonValue)}, and has no entries`;
    throw new Failure('usage', problemAt(place, fact, 'let "of" refer to a mapping'));
  }
  const names = keysInOrder(of);
  if (take === undefined) return names;
  const asked = listOf(take, takePlace).map(String);
  const unknown = asked.find((name) => name !== OTHERS && !Object.hasOwn(of, name));
  if (unknown !== undefined) {
    const fact = `there is no entry "${unknown}" to take`;
    throw new Failure('usage', problemAt(takePlace, fact, suggestName(unknown, names)));
  }
  const named = new Set(asked);
  return asked.flatMap((name) => (name === OTHERS ? names.filter((other) => !named.has(other)) : [name]));
}
