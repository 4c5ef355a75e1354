import { suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import { deepFreeze, type JsonObject, type JsonValue } from '../../base/json.ts';
import { MAX_REFERENCE_CHAIN } from '../limits.ts';
import { Problems } from '../problems.ts';
import { mappingOf } from '../references/declared-order.ts';
import { describeValue, itemAt, pathText, pick, stepInto } from '../references/lookup.ts';
import { parseTemplateText, type Reference, type ReferenceStep } from '../references/reference.ts';
import { interpolate, joinText } from '../references/template.ts';
import { checkExtent, extentOf } from '../yaml/extent.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { type MappingTree, type Tree, treeToJson } from '../yaml/tree.ts';

/**
 * The params with their references to each other resolved, frozen.
 * @throws {Failure} for unknown names and for params that need each other in a circle
 */
export function resolveParams(root: MappingTree): JsonObject {
  const resolved = new Map<Tree, JsonValue>();
  const failed = new Map<Tree, Failure>();
  const open = new Map<Tree, string>();
  const picked = new Map<Tree, Map<string, JsonValue>>();
  let followed = 0;

  function resolve(tree: Tree, path: string): JsonValue {
    const done = resolved.get(tree);
    if (done !== undefined) return done;
    const failure = failed.get(tree);
    // The same failure again: it is reported once, however many params depend on it.
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

  /** The target of a step. A collection is not resolved for it: other parts of it may refer to this one. */
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
    const every = reference.steps.findIndex(({ kind }) => kind === 'every');
    const keys = reference.steps.flatMap((step) => keyAt(step) ?? []);
    const start: Reached = { tree: entry.value, value: null, path: reference.root };
    if (every < 0) return valueAt(walk(start, keys, place));
    return everyEntry(walk(start, keys.slice(0, every), place), keys.slice(every), place);
  }

  function keyAt(step: ReferenceStep): string | number | undefined {
    switch (step.kind) {
      case 'key':
        return step.key;
      case 'index':
        return step.index;
      case 'computed':
        return computedKey(step.reference);
      case 'every':
        return undefined;
    }
  }

  /** As long as the path stays in the file, only what it names is resolved: siblings may refer to each other. */
  function walk(start: Reached, keys: readonly (string | number)[], place: Place): Reached {
    let { tree, value, path } = start;
    for (const key of keys) {
      const child: Tree | undefined = tree && childOf(tree, key);
      if (!child) value = stepInto(tree ? reached(tree, path) : value, key, path, place);
      tree = child;
      path = pathText(path, key);
    }
    return { tree, value, path };
  }

  function valueAt({ tree, value, path }: Reached): JsonValue {
    return tree ? resolve(tree, path) : value;
  }

  /** Of each entry, only what the keys name is resolved. Many references may ask for the same part of a large mapping. */
  function everyEntry(of: Reached, keys: readonly (string | number)[], place: Place): JsonValue {
    const { tree, path } = of;
    if (tree === undefined || tree.kind === 'scalar' || keys.length === 0) return pick(valueAt(of), keys, path, place);
    const known = picked.get(tree) ?? new Map<string, JsonValue>();
    picked.set(tree, known);
    const name = JSON.stringify(keys);
    const same = known.get(name);
    if (same !== undefined) return same;
    const part = (child: Tree, key: string | number): JsonValue =>
      valueAt(walk({ tree: child, value: null, path: pathText(path, key) }, keys, place));
    const parts =
      tree.kind === 'list'
        ? tree.items.map(part)
        : mappingOf([...tree.entries].map(([key, { value }]) => [key, part(value, key)] as const));
    known.set(name, deepFreeze(parts));
    return parts;
  }

  return resolve(root, '') as JsonObject;
}

/** How far a reference was followed: to a part of the file or, where a param refers to another, to a value. */
interface Reached {
  readonly tree: Tree | undefined;
  readonly value: JsonValue;
  readonly path: string;
}

function childOf(tree: Tree, key: string | number): Tree | undefined {
  if (tree.kind === 'mapping') return tree.entries.get(String(key))?.value;
  return tree.kind === 'list' ? itemAt(tree.items, key) : undefined;
}

function keyOf(value: JsonValue, { place, text }: Reference): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new Failure('usage', problemAt(place, `"${text}" is ${describeValue(value)}, and cannot be a key`));
}
