import { Failure } from '../base/failure.ts';
import type { JsonValue } from '../base/json.ts';
import { domainOf } from '../pipeline/coordinates/coordinate-domain.ts';
import type { MatrixCoordinate } from '../pipeline/pipeline.ts';
import { problemAt } from '../pipeline/yaml/source.ts';
import type { Coordinate } from '../stage/stage.ts';
import { encodeSegment } from './encode-segment.ts';

/** It is a part of the ids of nodes, which people read and type. */
const LONGEST_SEGMENT = 1000;

const KINDS: Readonly<Record<string, string>> = { string: 'text', number: 'a number', boolean: 'true or false' };

export interface CoordinateValues {
  readonly values: readonly Coordinate[];
  readonly segments: readonly string[];
}

/**
 * The values of one coordinate, with their segments.
 * @throws {Failure} for a value that is no list of coordinates, and for one that occurs twice
 */
export function coordinateValues(coordinate: MatrixCoordinate, value: JsonValue): CoordinateValues {
  const { name, place } = coordinate;
  const values = domainOf(coordinate, value);
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
