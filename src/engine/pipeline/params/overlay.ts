import { suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import type { Problems } from '../problems.ts';
import { describeValue, itemAt, pathText } from '../references/lookup.ts';
import type { Reference } from '../references/reference.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { type MappingTree, type Tree, type TreeEntry, treeToJson } from '../yaml/tree.ts';

/**
 * Checks that a profile only changes params that exist. A misspelt key would otherwise silently have no effect.
 */
export function checkOverlay(
  base: MappingTree,
  overlay: MappingTree,
  profile: string,
  problems: Problems,
  path = '',
): void {
  for (const [name, entry] of overlay.entries) {
    const below = base.entries.get(name);
    const here = path === '' ? name : pathText(path, name);
    if (!below) {
      problems.add(unknownParam(entry.key, here, name, base, `profile "${profile}" changes params, it adds none: `));
    } else if (below.value.kind === 'mapping' && entry.value.kind === 'mapping') {
      checkOverlay(below.value, entry.value, profile, problems, here);
    }
  }
}

/** Lays a profile over params: mappings are merged, lists and scalars replace. Keys keep the order of the params. */
export function overlayParams(base: MappingTree, overlay: MappingTree): MappingTree {
  const entries = new Map(base.entries);
  for (const [name, entry] of overlay.entries) {
    const below = base.entries.get(name);
    if (!below) continue;
    const bothMappings = below.value.kind === 'mapping' && entry.value.kind === 'mapping';
    entries.set(name, bothMappings ? { key: below.key, value: overlayParams(below.value, entry.value) } : entry);
  }
  return { ...base, entries };
}

function unknownParam(place: Place, path: string, name: string, siblings: MappingTree, prefix: string) {
  return problemAt(place, `there is no param "${path}"`, prefix + suggestName(name, siblings.entries.keys()));
}

/**
 * Replaces the value at a path that must exist.
 * @throws {Failure} where params have no such path
 */
export function replaceParam(base: MappingTree, path: Reference, value: Tree): MappingTree {
  const replace = (tree: Tree, keys: readonly (string | number)[], reached: string): Tree => {
    const [key, ...rest] = keys;
    if (key === undefined) return value;
    const here = reached === '' ? String(key) : pathText(reached, key);
    if (tree.kind === 'mapping') {
      const entry = tree.entries.get(String(key));
      if (!entry) throw new Failure('usage', unknownParam(path.place, here, String(key), tree, ''));
      const child: TreeEntry = { key: entry.key, value: replace(entry.value, rest, here) };
      return { ...tree, entries: new Map([...tree.entries, [String(key), child]]) };
    }
    const item = tree.kind === 'list' ? itemAt(tree.items, key) : undefined;
    if (tree.kind !== 'list' || item === undefined) {
      const fix =
        tree.kind === 'list'
          ? `"${reached}" has ${tree.items.length} items, counted from 0`
          : `"${reached}" is ${describeValue(treeToJson(tree))}`;
      throw new Failure('usage', problemAt(path.place, `there is no param "${here}"`, fix));
    }
    return { ...tree, items: tree.items.with(Number(key), replace(item, rest, here)) };
  };
  const keys = [
    path.root,
    ...path.steps.map((step) => {
      if (step.kind === 'key') return step.key;
      if (step.kind === 'index') return step.index;
      throw new Failure(
        'usage',
        problemAt(
          path.place,
          `"${path.text}" is not a path of plain keys`,
          'write keys and list positions, such as seeds[0]',
        ),
      );
    }),
  ];
  return replace(base, keys, '') as MappingTree;
}
