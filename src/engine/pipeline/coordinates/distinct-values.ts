import { Failure } from '../../base/failure.ts';
import type { JsonValue } from '../../base/json.ts';
import type { Coordinate } from '../../stage/stage.ts';
import { MAX_NODES } from '../limits.ts';
import type { MatrixCoordinate } from '../pipeline.ts';
import { evaluateTemplate, type Template } from '../references/template.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { domainOf } from './coordinate-domain.ts';

/**
 * The different values that a template has for the nodes of a stage, in the order of the nodes.
 * @throws {Failure} for a coordinate without values that can be read, and where there are too many combinations
 */
export function distinctValues(
  template: Template,
  each: readonly MatrixCoordinate[],
  place: Place,
): readonly JsonValue[] {
  const values = new Set<JsonValue>();
  let combinations = 0;
  const visit = (coordinates: readonly Coordinate[]): void => {
    const coordinate = coordinates.length < template.depth ? each[coordinates.length] : undefined;
    if (++combinations > MAX_NODES) {
      const fact = `this depends on more than ${MAX_NODES} combinations of coordinates`;
      throw new Failure('usage', problemAt(place, fact, 'shorten the lists in "each"'));
    }
    if (!coordinate) {
      values.add(evaluateTemplate(template, coordinates));
      return;
    }
    const domain = domainOf(coordinate, evaluateTemplate(coordinate.values, coordinates));
    for (const value of domain) visit([...coordinates, value]);
  };
  visit([]);
  return [...values];
}
