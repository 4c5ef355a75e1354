import { isJsonObject, type JsonValue } from '../base/json.ts';

/** A leaf of a tree of values that differs; `undefined` where one side has none. */
export interface Change {
  readonly path: string;
  readonly old: JsonValue | undefined;
  readonly new: JsonValue | undefined;
}

/** The places where two trees hold the same keys in another order. */
export function orderChanges(old: JsonValue | undefined, current: JsonValue | undefined, path = ''): readonly Change[] {
  if (!isJsonObject(old) || !isJsonObject(current)) return [];
  const [before, now] = [Object.keys(old), Object.keys(current)];
  if (before.join('\0') !== now.join('\0')) return [{ path: `order of ${path || 'all'}`, old: before, new: now }];
  return now.flatMap((key) => orderChanges(old[key], current[key], path ? `${path}.${key}` : key));
}

/** The leaves in which two trees differ, in the order of their paths. Lists count as leaves: they change as a whole. */
export function changes(old: JsonValue | undefined, current: JsonValue | undefined, path = ''): readonly Change[] {
  if (isJsonObject(old) && isJsonObject(current)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(current)])].sort();
    return keys.flatMap((key) => changes(old[key], current[key], path ? `${path}.${key}` : key));
  }
  return sameJson(old, current) ? [] : [{ path, old, new: current }];
}

function sameJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => changes(item, b[index] as JsonValue).length === 0);
  }
  return false;
}
