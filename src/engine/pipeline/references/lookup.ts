import { shortened, suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import { deepFreeze, isJsonObject, type JsonValue } from '../../base/json.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { keysInOrder, mappingOf } from './declared-order.ts';

const LONGEST_TEXT = 200;

/**
 * One step into a value, by key or by index.
 * @param path how the value was reached, for the message
 * @throws {Failure} at `place` where the value has no such part
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

/** By the mapping or list, and by the keys as JSON: many references may ask for the same part of a large one. */
const picked = new WeakMap<object, Map<string, JsonValue>>();

/**
 * The value of `.*`: the part that the keys lead to, from every item of a list, or every entry of a mapping.
 * @param path how the value was reached, for the message
 * @throws {Failure} at `place` where one of them has no such part
 */
export function pick(value: JsonValue, keys: readonly (string | number)[], path: string, place: Place): JsonValue {
  if (typeof value !== 'object' || value === null) {
    const fact = `"${path}" is ${describeValue(value)}, and has no entries`;
    throw new Failure('usage', problemAt(place, fact, '`.*` follows a list or a mapping'));
  }
  if (keys.length === 0) return value;
  const known = picked.get(value) ?? new Map<string, JsonValue>();
  picked.set(value, known);
  const name = JSON.stringify(keys);
  const same = known.get(name);
  if (same !== undefined) return same;
  const part = (item: JsonValue, at: string | number): JsonValue => {
    let reached = item;
    let here = pathText(path, at);
    for (const key of keys) {
      reached = stepInto(reached, key, here, place);
      here = pathText(here, key);
    }
    return reached;
  };
  const parts = isJsonObject(value)
    ? mappingOf(keysInOrder(value).map((key) => [key, part(value[key] as JsonValue, key)] as const))
    : (value as readonly JsonValue[]).map(part);
  known.set(name, deepFreeze(parts));
  return parts;
}

/** `a.b` or `a[0]`. */
export function pathText(path: string, key: string | number): string {
  return typeof key === 'number' ? `${path}[${key}]` : `${path}.${key}`;
}

/** An item by its position, which must be written like `String` writes it: "" and "1e0" are no positions. */
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
