import { Failure } from '../../base/failure.ts';
import type { JsonValue } from '../../base/json.ts';
import { MAX_DEPTH, MAX_VALUES } from '../limits.ts';
import { type Place, problemAt } from './source.ts';

/** The size of a value when everything that it shares with others is written out. */
export interface Extent {
  readonly values: number;
  readonly depth: number;
}

/** The number of values that a text counts as. */
export function textValues(length: number): number {
  return 1 + Math.floor(length / 8);
}

/** @throws {Failure} where a value is too large or too deep */
export function checkExtent({ values, depth }: Extent, place: Place): void {
  if (values > MAX_VALUES) {
    const fact = `this stands for more than ${MAX_VALUES} values, with aliases and references written out`;
    throw new Failure('usage', problemAt(place, fact, 'put large tables into files that a stage reads'));
  }
  if (depth > MAX_DEPTH) {
    const fact = `this is more than ${MAX_DEPTH} levels deep, with aliases and references written out`;
    throw new Failure('usage', problemAt(place, fact, 'nest it less'));
  }
}

const known = new WeakMap<object, Extent>();

/** The extent of a value. Shared lists and mappings are measured once, so they must not change any more. */
export function extentOf(value: JsonValue): Extent {
  if (typeof value === 'string') return { values: textValues(value.length), depth: 1 };
  if (typeof value !== 'object' || value === null) return { values: 1, depth: 1 };
  const before = known.get(value);
  if (before) return before;
  let values = 1;
  let depth = 1;
  for (const child of Array.isArray(value) ? (value as readonly JsonValue[]) : Object.values(value)) {
    const extent = extentOf(child);
    values += extent.values;
    depth = Math.max(depth, extent.depth + 1);
  }
  const extent = { values, depth };
  known.set(value, extent);
  return extent;
}
