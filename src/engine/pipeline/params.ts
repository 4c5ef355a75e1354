import { suggestName } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { deepFreeze, type JsonObject, type JsonValue } from '../base/json.ts';
import { mappingOf } from './declared-order.ts';
import { checkExtent, extentOf } from './extent.ts';
import { MAX_REFERENCE_CHAIN } from './limits.ts';
import { describeValue, itemAt, stepInto } from './lookup.ts';
import { Problems } from './problems.ts';
import { parseTemplateText, type Reference } from './reference.ts';
import { problemAt } from './source.ts';
import { interpolate, joinText, pathText } from './template.ts';
import { type MappingTree, type Tree, treeToJson } from './tree.ts';

/**
 * The params with their references to each other resolved, frozen.
 * @throws {Failure} for unknown names and for params that need each other in a circle.
 */
export function resolveParams(root: MappingTree): JsonObject {
  const resolved = new Map<Tree, JsonValue>();
  const failed = new Map<Tree, Failure>();
  const open = new Map<Tree, string>();
  let followed = 0;

  function resolve(tree: Tree, path: string): JsonValue {
    const done = resolved.get(tree);
    if (done !== undefined) return done;
    const failure = failed.get(tree);
    // The same failure again: it is told once, however many params it stands in the way of.
    if (failure) throw failure;
    if (open.has(tree)) throw circle(tree);
    if (open.size + followed > MAX_REFERENCE_CHAIN) throw tooLong(tree);
    open.set(tree, path);
    try {
      const value = deepFreeze(resolveNew(tree, path));
      checkExtent(extentOf(value), tree.place);
      resolved.set(tree, value);
      return value;
    } catch (error) {
      if (error instanceof Failure) failed.set(tree, error);
      throw error;
    } finally {
      open.delete(tree);
    }
  }

  function circle(tree: Tree): Failure {
    const paths = [...open];
    const trail = paths.slice(paths.findIndex(([ancestor]) => ancestor === tree)).map(([, name]) => name);
    const fact = `params need each other in a circle: ${[...trail, trail[0]].join(' → ')}`;
    return new Failure('usage', problemAt(tree.place, fact, 'give one of them a value of its own'));
  }

  function tooLong({ place }: Tree): Failure {
    const fact = `references lead to this param through more than ${MAX_REFERENCE_CHAIN} others`;
    return new Failure(
      'usage',
      problemAt(place, fact, 'refer to the last of them, or put them into the opposite order'),
    );
  }

  function resolveNew(tree: Tree, path: string): JsonValue {
    const problems = new Problems();
    const child = (value: Tree, childPath: string): JsonValue =>
      problems.attempt(() => resolve(value, childPath)) ?? null;
    if (tree.kind === 'list') {
      const items = tree.items.map((item, index) => child(item, pathText(path, index)));
      problems.throwIfAny();
      return items;
    }
    if (tree.kind === 'mapping') {
      const entries = [...tree.entries].map(
        ([name, { value }]) => [name, child(value, path === '' ? name : pathText(path, name))] as const,
      );
      problems.throwIfAny();
      return mappingOf(entries);
    }
    if (typeof tree.value !== 'string') return tree.value;
    const parsed = parseTemplateText(tree.value, tree.place);
    if (parsed.kind === 'plain') return parsed.text;
    if (parsed.kind === 'whole') return follow(parsed.reference);
    return joinText(
      parsed.parts.map((part) => (typeof part === 'string' ? part : interpolate(follow(part), part.place))),
      tree.place,
    );
  }

  /** What a step leads into. A collection is not resolved for it: other parts of it may refer to this one. */
  function reached(tree: Tree, path: string): JsonValue {
    return tree.kind === 'scalar' ? resolve(tree, path) : treeToJson(tree);
  }

  function computedKey(reference: Reference): string | number {
    followed++;
    try {
      return keyOf(follow(reference), reference);
    } finally {
      followed--;
    }
  }

  function follow(reference: Reference): JsonValue {
    const { place } = reference;
    const entry = root.entries.get(reference.root);
    if (!entry) {
      const fix = `${suggestName(reference.root, root.entries.keys())} (params can refer to params only)`;
      throw new Failure('usage', problemAt(place, `there is no param "${reference.root}"`, fix));
    }
    let path = reference.root;
    // As long as the path runs through the file, only what it names is resolved: siblings may refer to each other.
    let tree: Tree | undefined = entry.value;
    let value: JsonValue = null;
    for (const step of reference.steps) {
      const key = step.kind === 'key' ? step.key : step.kind === 'index' ? step.index : computedKey(step.reference);
      const child: Tree | undefined = tree && childOf(tree, key);
      if (!child) {
        value = stepInto(tree ? reached(tree, path) : value, key, path, place);
      }
      tree = child;
      path = pathText(path, key);
    }
    return tree ? resolve(tree, path) : value;
  }

  return resolve(root, '') as JsonObject;
}

function childOf(tree: Tree, key: string | number): Tree | undefined {
  if (tree.kind === 'mapping') return tree.entries.get(String(key))?.value;
  return tree.kind === 'list' ? itemAt(tree.items, key) : undefined;
}

function keyOf(value: JsonValue, { place, text }: Reference): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new Failure('usage', problemAt(place, `"${text}" is ${describeValue(value)}, and cannot be a key`));
}
