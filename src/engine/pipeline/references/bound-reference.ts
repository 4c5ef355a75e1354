import { suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { Coordinate } from '../../stage/stage.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { describeValue, pathText, pick, stepInto } from './lookup.ts';
import type { Reference, ReferenceStep } from './reference.ts';

/** The meaning of names in a stage: params, the visible coordinates, in declared order, and the pipeline's axes. */
export interface Scope {
  readonly params: JsonObject;
  readonly coordinates: readonly ScopeCoordinate[];
  /** Coordinates of the stage that have no value here. */
  readonly hidden: readonly string[];
  /** The value of `${axes.name}`; undefined where the pipeline has no axes. */
  readonly axes: ReadonlyMap<string, AxisValues> | undefined;
}

/** A coordinate with a value of its own, or one that names an entry of a mapping, whose parts `${name.part}` reads. */
export type ScopeCoordinate =
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'entry'; readonly name: string; readonly entries: Entries };

export type AxisValues =
  | { readonly kind: 'known'; readonly values: readonly Coordinate[] }
  /** They depend on the values of other coordinates. */
  | { readonly kind: 'dependent'; readonly on: readonly string[] }
  /** The axis has an error of its own, which is reported there. */
  | { readonly kind: 'unreadable' };

/** A reference whose names are looked up. `depth` is how many of the leading coordinates must be known to evaluate it. */
export interface BoundReference {
  readonly text: string;
  readonly place: Place;
  readonly depth: number;
  readonly root: BoundRoot;
  /** How the root was reached, for messages. */
  readonly rootText: string;
  readonly steps: readonly BoundStep[];
}

export type BoundRoot =
  /** The value of the constant first part of the path. */
  | { readonly kind: 'value'; readonly value: JsonValue }
  | { readonly kind: 'coordinate'; readonly position: number }
  | { readonly kind: 'entry'; readonly position: number; readonly entries: Entries };

type BoundStep =
  | { readonly kind: 'key'; readonly key: string | number }
  | { readonly kind: 'computed'; readonly reference: BoundReference }
  | { readonly kind: 'every' };

/** The mapping whose keys a coordinate takes. The latest one is kept: references look into those of other coordinates, twice as often with each. */
export class Entries {
  readonly reference: BoundReference;
  #latest: { readonly coordinates: readonly Coordinate[]; readonly value: JsonValue } | undefined;

  constructor(reference: BoundReference) {
    this.reference = reference;
  }

  at(coordinates: readonly Coordinate[]): JsonValue {
    const known = this.#latest;
    if (known?.coordinates.every((coordinate, position) => coordinate === coordinates[position])) return known.value;
    const value = evaluateReference(this.reference, coordinates);
    this.#latest = { coordinates: coordinates.slice(0, this.reference.depth), value };
    return value;
  }
}

/** @throws {Failure} for unknown names, and paths that params do not have */
export function bindReference(reference: Reference, scope: Scope): BoundReference {
  const { place, root, text } = reference;
  const position = scope.coordinates.findIndex(({ name }) => name === root);
  if (scope.hidden.includes(root)) {
    const fact = `the coordinate "${root}" has no value here`;
    const fix = 'a coordinate sees those declared before it, a carry those of the whole chain, a setting none';
    throw new Failure('usage', problemAt(place, fact, fix));
  }
  const steps = reference.steps.map((step) => bindStep(step, scope));
  const coordinate = scope.coordinates[position];
  if (coordinate) return bindCoordinate(reference, coordinate, position, steps);
  if (scope.axes && root === 'axes') {
    const value = axisNamed(reference, scope.axes);
    return walkConstants(
      { text, place, value, path: `${root}.${steps[0]?.kind === 'key' ? steps[0].key : ''}` },
      steps.slice(1),
    );
  }
  if (!Object.hasOwn(scope.params, root)) {
    const fact = `there is no param or coordinate "${root}"`;
    throw new Failure('usage', problemAt(place, fact, suggestName(root, namesIn(scope))));
  }
  return walkConstants({ text, place, value: scope.params[root] as JsonValue, path: root }, steps);
}

function bindStep(step: ReferenceStep, scope: Scope): BoundStep {
  switch (step.kind) {
    case 'key':
      return step;
    case 'index':
      return { kind: 'key', key: step.index };
    case 'computed':
      return { kind: 'computed', reference: bindReference(step.reference, scope) };
    case 'every':
      return step;
  }
}

function bindCoordinate(
  { place, root, text }: Reference,
  coordinate: ScopeCoordinate,
  position: number,
  steps: readonly BoundStep[],
): BoundReference {
  const bound = { text, place, depth: position + 1, rootText: text, steps };
  if (steps.length === 0) return { ...bound, root: { kind: 'coordinate', position } };
  if (coordinate.kind === 'value') throw new Failure('usage', noParts(root, place));
  return { ...bound, root: { kind: 'entry', position, entries: coordinate.entries } };
}

function noParts(name: string, place: Place) {
  const fact = `"${name}" is a coordinate over values, which have no parts`;
  const fix = `look something up by it: \${params.path[${name}]}; or let it take entries of a mapping: {of: "\${mapping}", take: […]}`;
  return problemAt(place, fact, fix);
}

function axisNamed({ place, steps }: Reference, axes: ReadonlyMap<string, AxisValues>): JsonValue {
  const [step] = steps;
  if (step?.kind !== 'key') {
    const fact = `"axes" are the pipeline's axes, and this does not say which`;
    throw new Failure('usage', problemAt(place, fact, `write for example \${axes.${[...axes.keys()][0] ?? 'seed'}}`));
  }
  const axis = axes.get(step.key);
  switch (axis?.kind) {
    case undefined:
      throw new Failure(
        'usage',
        problemAt(place, `there is no axis "${step.key}"`, suggestName(step.key, axes.keys())),
      );
    case 'dependent': {
      const fact = `the values of axis "${step.key}" depend on ${axis.on.map((name) => `"${name}"`).join(' and ')}`;
      throw new Failure('usage', problemAt(place, fact, 'refer to an axis that has the same values everywhere'));
    }
    case 'unreadable':
      return [];
    case 'known':
      return axis.values;
  }
}

interface Start {
  readonly text: string;
  readonly place: Place;
  readonly value: JsonValue;
  readonly path: string;
}

/** Follows the first steps, as long as no coordinate decides where they lead. */
function walkConstants({ text, place, value: start, path: root }: Start, steps: readonly BoundStep[]): BoundReference {
  let value = start;
  let rootText = root;
  let taken = 0;
  for (const step of steps) {
    if (step.kind !== 'key') break;
    value = stepInto(value, step.key, rootText, place);
    rootText = pathText(rootText, step.key);
    taken++;
  }
  const rest = steps.slice(taken);
  const depth = rest.reduce(
    (most, step) => (step.kind === 'computed' ? Math.max(most, step.reference.depth) : most),
    0,
  );
  return { text, place, depth, root: { kind: 'value', value }, rootText, steps: rest };
}

function* namesIn(scope: Scope): Iterable<string> {
  for (const { name } of scope.coordinates) yield name;
  yield* Object.keys(scope.params);
}

/**
 * The value of a reference for a node.
 * @param coordinates the leading `reference.depth` coordinates, or more
 * @throws {Failure} where it leads nowhere
 */
export function evaluateReference(reference: BoundReference, coordinates: readonly Coordinate[]): JsonValue {
  const { root, steps, place } = reference;
  if (root.kind === 'coordinate') return coordinates[root.position] as Coordinate;
  let value: JsonValue;
  let path = reference.rootText;
  if (root.kind === 'value') value = root.value;
  else {
    const key = coordinates[root.position] as Coordinate;
    value = entryAt(root.entries, key, coordinates, reference);
    path = pathText(root.entries.reference.text, String(key));
  }
  const every = steps.findIndex(({ kind }) => kind === 'every');
  for (const step of every < 0 ? steps : steps.slice(0, every)) {
    const key = keyOf(step, coordinates);
    value = stepInto(value, key, path, place);
    path = pathText(path, key);
  }
  if (every < 0) return value;
  const keys = steps.slice(every + 1).map((step) => keyOf(step, coordinates));
  return pick(value, keys, path, place);
}

function entryAt(
  entries: Entries,
  key: Coordinate,
  at: readonly Coordinate[],
  { text, place }: BoundReference,
): JsonValue {
  const value = entries.at(at);
  if (isJsonObject(value)) return stepInto(value, String(key), entries.reference.text, place);
  throw new Failure('usage', noParts(text.split(/[.[]/)[0] ?? text, place));
}

function keyOf(step: BoundStep, coordinates: readonly Coordinate[]): string | number {
  if (step.kind === 'every') throw new Error('a second `.*`, which the parser refuses');
  if (step.kind === 'key') return step.key;
  const { place, rootText } = step.reference;
  const value = evaluateReference(step.reference, coordinates);
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return String(value);
  throw new Failure('usage', problemAt(place, `"${rootText}" is ${describeValue(value)}, and cannot be a key`));
}

/** The positions of the coordinates that decide the value of a reference. */
export function positionsIn({ root, steps }: BoundReference): readonly number[] {
  const own = root.kind === 'value' ? [] : [root.position];
  return own.concat(steps.flatMap((step) => (step.kind === 'computed' ? positionsIn(step.reference) : [])));
}
