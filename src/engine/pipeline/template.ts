import { suggestName } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { deepFreeze, type JsonObject, type JsonValue } from '../base/json.ts';
import type { Coordinate } from '../stage/stage.ts';
import { mappingOf } from './declared-order.ts';
import { checkExtent, extentOf, textValues } from './extent.ts';
import { describeValue, stepInto } from './lookup.ts';
import { Problems } from './problems.ts';
import { parseTemplateText, type Reference } from './reference.ts';
import { type Place, problemAt } from './source.ts';
import type { Tree } from './tree.ts';

/** What names can mean in a stage: params, and the coordinates that are visible, in declared order. */
export interface Scope {
  readonly params: JsonObject;
  readonly coordinates: readonly string[];
  /** Coordinates of the stage that have no value here. */
  readonly hidden: readonly string[];
}

/**
 * A value with references, compiled against a scope. `depth` is how many of the leading coordinates must be known to
 * evaluate it: 0 for a constant, and values of equal leading coordinates are equal.
 */
export type Template =
  | { readonly kind: 'constant'; readonly depth: 0; readonly value: JsonValue }
  | { readonly kind: 'reference'; readonly depth: number; readonly reference: BoundReference }
  | {
      readonly kind: 'text';
      readonly depth: number;
      readonly parts: readonly (string | BoundReference)[];
      readonly place: Place;
    }
  | { readonly kind: 'list'; readonly depth: number; readonly items: readonly Template[] }
  | { readonly kind: 'mapping'; readonly depth: number; readonly entries: readonly (readonly [string, Template])[] };

export interface BoundReference {
  readonly place: Place;
  readonly depth: number;
  /** Position of a coordinate, or the value that the constant first part of the path leads to. */
  readonly root:
    | { readonly kind: 'coordinate'; readonly position: number }
    | { readonly kind: 'value'; readonly value: JsonValue };
  readonly rootText: string;
  readonly steps: readonly (string | number | BoundReference)[];
}

/**
 * Compiles a tree: parts without coordinates are evaluated once, here.
 * @throws {Failure} for references that cannot be read, unknown names, and paths that params do not have.
 */
export function compileTemplate(tree: Tree, scope: Scope): Template {
  switch (tree.kind) {
    case 'scalar':
      return typeof tree.value === 'string' ? compileText(tree.value, tree.place, scope) : constant(tree.value);
    case 'list': {
      const items = compileAll(tree.items, scope);
      return folded({ kind: 'list', depth: deepest(items), items }, tree.place);
    }
    case 'mapping': {
      const names = [...tree.entries.keys()];
      const values = compileAll(
        [...tree.entries.values()].map(({ value }) => value),
        scope,
      );
      const entries = values.map((value, position) => [names[position] as string, value] as const);
      return folded({ kind: 'mapping', depth: deepest(values), entries }, tree.place);
    }
  }
}

/** Compiles all of them before it fails, so that all their errors are told at once. */
function compileAll(trees: readonly Tree[], scope: Scope): Template[] {
  const problems = new Problems();
  const templates = trees.map((tree) => problems.attempt(() => compileTemplate(tree, scope)) ?? constant(null));
  problems.throwIfAny();
  return templates;
}

/** Compiles a scalar's text. */
export function compileText(text: string, place: Place, scope: Scope): Template {
  const parsed = parseTemplateText(text, place);
  switch (parsed.kind) {
    case 'plain':
      return constant(parsed.text);
    case 'whole': {
      const reference = bindReference(parsed.reference, scope);
      return folded({ kind: 'reference', depth: reference.depth, reference }, place);
    }
    case 'mixed': {
      const parts = parsed.parts.map((part) => (typeof part === 'string' ? part : bindReference(part, scope)));
      return folded(
        { kind: 'text', depth: deepest(parts.filter((part) => typeof part !== 'string')), parts, place },
        place,
      );
    }
  }
}

function constant(value: JsonValue): Template {
  return { kind: 'constant', depth: 0, value };
}

function folded(template: Template, place: Place): Template {
  if (template.depth > 0) return template;
  const value = deepFreeze(evaluateTemplate(template, []));
  checkExtent(extentOf(value), place);
  return constant(value);
}

function deepest(parts: readonly { readonly depth: number }[]): number {
  return parts.reduce((depth, part) => Math.max(depth, part.depth), 0);
}

function bindReference(reference: Reference, scope: Scope): BoundReference {
  const { place, root, steps, text } = reference;
  const position = scope.coordinates.indexOf(root);
  if (scope.hidden.includes(root)) {
    const fact = `the coordinate "${root}" has no value here`;
    const fix = 'a coordinate sees those declared before it, a carry those of the whole chain, a setting none';
    throw new Failure('usage', problemAt(place, fact, fix));
  }
  if (position < 0 && !Object.hasOwn(scope.params, root)) {
    throw new Failure(
      'usage',
      problemAt(place, `there is no param or coordinate "${root}"`, suggestName(root, namesIn(scope))),
    );
  }
  const bound = steps.map((step) => {
    if (step.kind === 'key') return step.key;
    if (step.kind === 'index') return step.index;
    return bindReference(step.reference, scope);
  });
  if (position >= 0) {
    if (bound.length > 0) {
      throw new Failure(
        'usage',
        problemAt(
          place,
          `"${root}" is a coordinate: it has no parts`,
          `to look something up by it, write \${params.path[${root}]}`,
        ),
      );
    }
    return { place, depth: position + 1, root: { kind: 'coordinate', position }, rootText: text, steps: [] };
  }
  let value = scope.params[root] as JsonValue;
  let rootText = root;
  let taken = 0;
  for (const step of bound) {
    if (typeof step === 'object') break;
    value = stepInto(value, step, rootText, place);
    rootText = pathText(rootText, step);
    taken++;
  }
  const rest = bound.slice(taken);
  const depth = deepest(rest.filter((step) => typeof step === 'object'));
  return { place, depth, root: { kind: 'value', value }, rootText, steps: rest };
}

function* namesIn(scope: Scope): Iterable<string> {
  yield* scope.coordinates;
  yield* Object.keys(scope.params);
}

/**
 * The value of a template for a node.
 * @param coordinates the leading `template.depth` coordinates, or more
 * @throws {Failure} at the reference that leads nowhere.
 */
export function evaluateTemplate(template: Template, coordinates: readonly Coordinate[]): JsonValue {
  switch (template.kind) {
    case 'constant':
      return template.value;
    case 'reference':
      return evaluateReference(template.reference, coordinates);
    case 'text':
      return joinText(
        template.parts.map((part) => (typeof part === 'string' ? part : interpolated(part, coordinates))),
        template.place,
      );
    case 'list':
      return template.items.map((item) => evaluateTemplate(item, coordinates));
    case 'mapping':
      return mappingOf(template.entries.map(([name, value]) => [name, evaluateTemplate(value, coordinates)] as const));
  }
}

function evaluateReference(reference: BoundReference, coordinates: readonly Coordinate[]): JsonValue {
  const { root, steps, place } = reference;
  if (root.kind === 'coordinate') return coordinates[root.position] as Coordinate;
  let value = root.value;
  let path = reference.rootText;
  for (const step of steps) {
    const key = typeof step === 'object' ? keyOf(evaluateReference(step, coordinates), step) : step;
    value = stepInto(value, key, path, place);
    path = pathText(path, key);
  }
  return value;
}

function interpolated(reference: BoundReference, coordinates: readonly Coordinate[]): string {
  const value = evaluateReference(reference, coordinates);
  return interpolate(value, reference.place);
}

/**
 * One text out of several: each of a few references to a long one would double it.
 * @throws {Failure} where it would be larger than a value may be.
 */
export function joinText(parts: readonly string[], place: Place): string {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  checkExtent({ values: textValues(length), depth: 1 }, place);
  return parts.join('');
}

/**
 * A value as part of a longer text.
 * @throws {Failure} for lists and mappings, which have no text.
 */
export function interpolate(value: JsonValue, place: Place): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Failure(
    'usage',
    problemAt(
      place,
      `this reference is ${describeValue(value)}, which cannot be part of a text`,
      'let the reference be the whole value',
    ),
  );
}

function keyOf(value: JsonValue, { place, rootText }: BoundReference): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return String(value);
  throw new Failure('usage', problemAt(place, `"${rootText}" is ${describeValue(value)}, and cannot be a key`));
}

/** `a.b` or `a[0]`. */
export function pathText(path: string, key: string | number): string {
  return typeof key === 'number' ? `${path}[${key}]` : `${path}.${key}`;
}
