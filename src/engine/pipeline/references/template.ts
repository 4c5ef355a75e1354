import { Failure } from '../../base/failure.ts';
import { deepFreeze, type JsonValue } from '../../base/json.ts';
import type { Coordinate } from '../../stage/stage.ts';
import { Problems } from '../problems.ts';
import { checkExtent, extentOf, textValues } from '../yaml/extent.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import type { Tree } from '../yaml/tree.ts';
import { type BoundReference, bindReference, evaluateReference, positionsIn, type Scope } from './bound-reference.ts';
import { mappingOf } from './declared-order.ts';
import { describeValue } from './lookup.ts';
import { parseTemplateText } from './reference.ts';

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

/**
 * Compiles a tree: parts without coordinates are evaluated once, here.
 * @throws {Failure} for references that cannot be read, unknown names, and paths that params do not have
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

/** Compiles all of them before it fails, so that all their errors are reported at once. */
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

/**
 * The value of a template for a node.
 * @param coordinates the leading `template.depth` coordinates, or more
 * @throws {Failure} at the reference that leads nowhere
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

function interpolated(reference: BoundReference, coordinates: readonly Coordinate[]): string {
  const value = evaluateReference(reference, coordinates);
  return interpolate(value, reference.place);
}

/**
 * Joins several texts into one. Each of a few references to a long text would double it.
 * @throws {Failure} where the result would be larger than a value may be
 */
export function joinText(parts: readonly string[], place: Place): string {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  checkExtent({ values: textValues(length), depth: 1 }, place);
  return parts.join('');
}

/**
 * A value as part of a longer text.
 * @throws {Failure} for lists and mappings, which have no text
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

/** The positions of the coordinates that decide the value of a template. */
export function coordinatesOf(template: Template): ReadonlySet<number> {
  switch (template.kind) {
    case 'constant':
      return new Set();
    case 'reference':
      return new Set(positionsIn(template.reference));
    case 'text':
      return new Set(template.parts.flatMap((part) => (typeof part === 'string' ? [] : positionsIn(part))));
    case 'list':
      return new Set(template.items.flatMap((item) => [...coordinatesOf(item)]));
    case 'mapping':
      return new Set(template.entries.flatMap(([, value]) => [...coordinatesOf(value)]));
  }
}
