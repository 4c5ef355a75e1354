import type { DeclaredTarget, PatternText } from '../pipeline.ts';
import { entryOf, type Tree, type TreeEntry, textOf } from '../yaml/tree.ts';

/** Reads one target: a list of patterns, or a mapping with `nodes` and `files`. */
export function readTarget(name: string, { key, value: tree }: TreeEntry): DeclaredTarget {
  const list = tree.kind === 'list' ? tree : entryOf(tree, 'nodes')?.value;
  const files = entryOf(tree, 'files')?.value;
  return {
    name,
    place: key,
    description: textOf(entryOf(tree, 'description')?.value),
    nodes: readPatterns(list),
    files:
      files?.kind !== 'mapping'
        ? []
        : [...files.entries].map(([path, { key: place, value }]) => {
            const text = textOf(value) ?? '';
            // Coordinate values may contain dots, output names never do.
            const dot = text.lastIndexOf('.');
            return { path, place, node: text.slice(0, dot), output: text.slice(dot + 1), source: value.place };
          }),
  };
}

export function readPatterns(list: Tree | undefined): PatternText[] {
  if (list?.kind !== 'list') return [];
  return list.items.map((item) => ({ text: textOf(item) ?? '', place: item.place }));
}
