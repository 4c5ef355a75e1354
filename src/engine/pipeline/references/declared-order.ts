import type { JsonObject, JsonValue } from '../../base/json.ts';

/** JavaScript puts keys that look like whole numbers first, in ascending order, in whatever order they are assigned. */
const declared = new WeakMap<JsonObject, readonly string[]>();

/** A mapping of these entries. `keysInOrder` gives their declared order. */
export function mappingOf(entries: readonly (readonly [name: string, value: JsonValue])[]): JsonObject {
  const mapping: Record<string, JsonValue> = {};
  for (const [name, value] of entries) mapping[name] = value;
  if (entries.some(startsWithDigit))
    declared.set(
      mapping,
      entries.map(([name]) => name),
    );
  return mapping;
}

/** Used for all mappings of all nodes: cheaper than finding out which keys are reordered. */
function startsWithDigit([name]: readonly [name: string, value: JsonValue]): boolean {
  const first = name.charCodeAt(0);
  return first >= 0x30 && first <= 0x39;
}

/** The keys of a mapping of the pipeline file, in the order of the file. */
export function keysInOrder(mapping: JsonObject): readonly string[] {
  return declared.get(mapping) ?? Object.keys(mapping);
}
