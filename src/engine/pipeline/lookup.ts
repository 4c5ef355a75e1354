import { shortened, suggestName } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { isJsonObject, type JsonValue } from '../base/json.ts';
import { type Place, problemAt } from './source.ts';

const LONGEST_TEXT = 200;

/**
 * One step into a value, by key or by index.
 * @param path how the value was reached, for the message
 * @throws {Failure} at `place` where the value has no such part.
 */
export function stepInto(value: JsonValue, key: string | number, path: string, place: Place): JsonValue {
  if (Array.isArray(value)) {
    const list = value as readonly JsonValue[];
    const item = itemAt(list, key);
    if (item !== undefined) return item;
    const fix = list.length === 0 ? 'the list is empty' : `use an index from 0 to ${list.length - 1}`;
    throw new Failure('usage', problemAt(place, `the list "${path}" has no item ${key}`, fix));
  }
  if (!isJsonObject(value)) {
    throw new Failure('usage', problemAt(place, `"${path}" is ${describeValue(value)}, and has no "${key}" inside`));
  }
  const name = String(key);
  const child = Object.hasOwn(value, name) ? value[name] : undefined;
  if (child !== undefined) return child;
  throw new Failure('usage', problemAt(place, `"${path}" has no "${name}"`, suggestName(name, Object.keys(value))));
}

/** An item by its position, which a text names only as `String` would write it: "" and "1e0" are no positions. */
export function itemAt<T>(list: readonly T[], key: string | number): T | undefined {
  const index = typeof key === 'number' || /^(?:0|[1-9]\d*)$/.test(key) ? Number(key) : Number.NaN;
  return list[index];
}

/** `the text "abc"`, `a list`, … for messages. */
export function describeValue(value: JsonValue): string {
  if (value === null) return 'empty (null)';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return `the text ${shortened(JSON.stringify(value), LONGEST_TEXT)}`;
    case 'number':
      return `the number ${value}`;
    case 'boolean':
      return `${value}`;
    default:
      return 'a mapping';
  }
}
