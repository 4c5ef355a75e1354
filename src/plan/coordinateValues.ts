import { Failure } from '../base/failure.ts';
import { isJsonObject, type JsonValue } from '../base/json.ts';
import type { Coordinate } from '../contract/stage.ts';
import { describeValue } from '../spec/lookup.ts';
import { type Place, problemAt } from '../spec/source.ts';
import type { MatrixCoordinate } from '../spec/spec.ts';
import { encodeSegment } from './nodeId.ts';

export interface CoordinateValues {
  readonly values: readonly Coordinate[];
  readonly segments: readonly string[];
}

/**
 * The values that one coordinate takes, with their segments.
 * @throws {Failure} for what is no list of coordinates, and for a value that comes twice.
 */
export function coordinateValues({ name, place }: MatrixCoordinate, value: JsonValue): CoordinateValues {
  const values = listOf(value, place);
  const segments = values.map(encodeSegment);
  const seen = new Set<string>();
  segments.forEach((segment, i) => {
    if (segment === '') {
      throw new Failure(
        'usage',
        problemAt(place, `coordinate "${name}" has an empty value`, 'give every value a name'),
      );
    }
    if (seen.has(segment)) {
      const fact = `coordinate "${name}" has the value ${String(values[i])} twice`;
      throw new Failure('usage', problemAt(place, fact, 'keep one of the two'));
    }
    seen.add(segment);
  });
  return { values, segments };
}

/** The values that a list, or a mapping by its keys, stands for. */
export function listOf(value: JsonValue, place: Place): readonly Coordinate[] {
  if (isJsonObject(value)) return Object.keys(value);
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
