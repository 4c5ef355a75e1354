import { Failure } from '../../base/failure.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import type { NodeRecord, Store } from '../../store/store.ts';

/** A longer list is data, not a summary. */
const LONGEST_LIST = 8;

/** The numbers of a JSON artefact as a tree of objects; undefined where there is none, or its bytes were evicted. */
export function jsonNumbers(
  record: Pick<NodeRecord, 'outputs'> | undefined,
  output: string,
  store: Pick<Store, 'artefact'>,
): JsonValue | undefined {
  const found = record?.outputs[output];
  if (found?.type !== 'json') return undefined;
  try {
    return numericPart(JSON.parse(new TextDecoder().decode(store.artefact(found.digest))), true);
  } catch (error) {
    // Evicted bytes cannot be read; all others can.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function numericPart(value: JsonValue, isRoot = false): JsonValue | undefined {
  if (typeof value === 'number') return isRoot ? { value } : value;
  if (Array.isArray(value)) {
    return value.length > LONGEST_LIST ? undefined : numericPart(Object.fromEntries(value.entries()));
  }
  if (!isJsonObject(value)) return undefined;
  const parts = Object.entries(value).flatMap(([name, child]) => {
    const part = numericPart(child);
    return part === undefined ? [] : [[name, part] as const];
  });
  return Object.fromEntries(parts);
}
