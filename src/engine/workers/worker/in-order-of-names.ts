import type { Coordinates } from '../../stage/stage.ts';

/** The order in which a stage declares its coordinates is not in its key, so it is not visible. */
export function inOrderOfNames(coordinates: Coordinates): Coordinates {
  return Object.fromEntries(Object.entries(coordinates).sort(([a], [b]) => (a < b ? -1 : 1)));
}
