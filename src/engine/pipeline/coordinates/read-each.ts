import { suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import { MAX_COORDINATES } from '../limits.ts';
import type { Problems } from '../problems.ts';
import type { Scope } from '../references/bound-reference.ts';
import { type Place, problemAt, rangeOf } from '../yaml/source.ts';
import { type Tree, textOf } from '../yaml/tree.ts';
import type { Axis } from './axes.ts';
import { checkClash, type DeclaredCoordinate, declareCoordinate, unreadableCoordinate } from './declared-coordinate.ts';

/** One coordinate as `each` declares it: the name of an axis, or a name with values. */
type Said =
  | { readonly kind: 'axis'; readonly name: string; readonly place: Place }
  | { readonly kind: 'own'; readonly name: string; readonly place: Place; readonly tree: Tree };

/**
 * Reads a stage's coordinates: a mapping of names to values, or a list of axes and such mappings.
 * @param scope without coordinates
 */
export function readEach(
  tree: Tree | undefined,
  scope: Scope,
  axes: ReadonlyMap<string, Axis>,
  problems: Problems,
): readonly DeclaredCoordinate[] {
  const said = saidIn(tree);
  if (tree && said.length > MAX_COORDINATES) {
    const fact = `a stage with ${said.length} coordinates, and it can have ${MAX_COORDINATES}`;
    problems.add(problemAt(tree.place, fact, 'let one coordinate name a mapping with what belongs together'));
    return [];
  }
  const declared = new Map<string, DeclaredCoordinate>();
  const names = said.map(({ name }) => name);
  for (const [position, each] of said.entries()) {
    const { name, place } = each;
    if (declared.has(name)) {
      problems.add(problemAt(place, `"${name}" stands twice in "each"`, 'keep one of the two'));
      continue;
    }
    const hidden = names.slice(position).filter((other) => !declared.has(other));
    const here: Scope = { ...scope, coordinates: [...declared.values()].map(({ scoped }) => scoped), hidden };
    if (each.kind === 'own') checkClash(name, place, scope, problems);
    const read = () => (each.kind === 'own' ? declareCoordinate(name, each.tree, here) : declareAxis(each, here, axes));
    declared.set(name, problems.attempt(read) ?? unreadableCoordinate(name, place));
  }
  return [...declared.values()];
}

function saidIn(tree: Tree | undefined): readonly Said[] {
  if (tree?.kind === 'list') {
    return tree.items.flatMap((item): readonly Said[] => {
      const name = textOf(item);
      return name === undefined ? saidIn(item) : [{ kind: 'axis', name, place: item.place }];
    });
  }
  if (tree?.kind !== 'mapping') return [];
  return [...tree.entries].map(([name, { key, value }]) => ({ kind: 'own', name, place: key, tree: value }));
}

/** @throws {Failure} where there is no such axis, and where it needs a coordinate that the stage does not have before it */
function declareAxis(
  { name, place }: Said & { kind: 'axis' },
  scope: Scope,
  axes: ReadonlyMap<string, Axis>,
): DeclaredCoordinate {
  const axis = axes.get(name);
  if (!axis) {
    const fix = axes.size > 0 ? suggestName(name, axes.keys()) : `declare it: axes: {${name}: [value, …]}`;
    throw new Failure('usage', problemAt(place, `there is no axis "${name}"`, fix));
  }
  if (axis.values.kind === 'unreadable') return unreadableCoordinate(name, place);
  const missing = axis.needs.find((needed) => !scope.coordinates.some((coordinate) => coordinate.name === needed));
  if (missing !== undefined) {
    const fact = `the values of axis "${name}" depend on "${missing}", which is no coordinate before it here`;
    throw new Failure('usage', problemAt(place, fact, `write each: [${[...axis.needs, name].join(', ')}]`));
  }
  try {
    return declareCoordinate(name, axis.tree, scope);
  } catch (error) {
    throw error instanceof Failure ? readBy(place, error) : error;
  }
}

/** An error of an axis in one stage only is reported at the axis, with the line of the stage that names it. */
function readBy(place: Place, { kind, diagnostics }: Failure): Failure {
  const line = rangeOf(place)?.line;
  return new Failure(
    kind,
    diagnostics.map((diagnostic) => ({
      ...diagnostic,
      fact: `${diagnostic.fact} (for the stage that names the axis in line ${line})`,
    })),
  );
}
