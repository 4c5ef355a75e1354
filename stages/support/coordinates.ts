import { type Coordinates, Failure } from '../../src/engine/stage/index.ts';

/**
 * A coordinate that has to be a whole number, such as a seed or an epoch.
 *
 * @throws {Failure} kind `usage` when the node lacks it or it is something else
 */
export function integerCoordinate(coordinates: Coordinates, name: string): number {
  const value = coordinates[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Failure('usage', {
    fact: `the coordinate "${name}" is ${JSON.stringify(value) ?? 'missing'}, where this stage needs a whole number`,
    fix: `declare "${name}" among the coordinates of the stage in pipeline.yaml, with numbers as its values`,
  });
}
