import { Failure } from '../../base/failure.ts';
import { problemAt } from '../../pipeline/yaml/source.ts';
import { entryOf, type MappingTree, type Tree, type TreeEntry } from '../../pipeline/yaml/tree.ts';
import { resolveTree, type Scope } from './interpolation.ts';
import { textInDvc } from './scalar-text.ts';

/** One stage as DVC runs it: `train`, `train@us`. */
export interface ExpandedStage {
  readonly name: string;
  readonly key: TreeEntry['key'];
  readonly body: MappingTree;
  /** Values of `item` and `key`. */
  readonly local: ReadonlyMap<string, TreeEntry>;
}

/** Writes out `foreach` and `matrix`. */
export function expandStages(stages: MappingTree, scope: Scope): readonly ExpandedStage[] {
  return [...stages.entries].flatMap(([name, { key, value }]) => {
    if (value.kind !== 'mapping') throw new Failure('usage', problemAt(key, `the stage "${name}" is no mapping`));
    const [foreach, matrix] = [value.entries.get('foreach'), value.entries.get('matrix')];
    if (foreach) return eachItem(name, key, foreach, value, scope);
    if (matrix) return eachCombination(name, key, matrix, value, scope);
    return [{ name, key, body: value, local: new Map() }];
  });
}

function eachItem(name: string, key: TreeEntry['key'], foreach: TreeEntry, stage: MappingTree, scope: Scope) {
  const body = entryOf(stage, 'do')?.value;
  const over = resolveTree(foreach.value, scope);
  if (body?.kind !== 'mapping')
    throw new Failure('usage', problemAt(key, `the stage "${name}" has foreach without do`));
  if (over.kind === 'scalar') {
    throw new Failure('usage', problemAt(foreach.value.place, 'foreach needs a list or a mapping', 'refer to one'));
  }
  const entry = (value: Tree): TreeEntry => ({ key: foreach.key, value });
  if (over.kind === 'mapping') {
    return [...over.entries].map(([itemKey, { value }]) => {
      const text: Tree = { kind: 'scalar', value: itemKey, place: foreach.key };
      return {
        name: `${name}@${itemKey}`,
        key,
        body,
        local: new Map([
          ['item', entry(value)],
          ['key', entry(text)],
        ]),
      };
    });
  }
  const isPlain = over.items.every(({ kind }) => kind === 'scalar');
  return over.items.map((item, position) => ({
    name: `${name}@${isPlain ? fragment(item, '', position) : position}`,
    key,
    body,
    local: new Map([['item', entry(item)]]),
  }));
}

function eachCombination(name: string, key: TreeEntry['key'], matrix: TreeEntry, stage: MappingTree, scope: Scope) {
  const axes = resolveTree(matrix.value, scope);
  if (axes.kind !== 'mapping') throw new Failure('usage', problemAt(matrix.key, 'matrix needs a mapping of lists'));
  const body = { ...stage, entries: new Map([...stage.entries].filter(([each]) => each !== 'matrix')) };
  let combinations: readonly {
    readonly fragments: readonly string[];
    readonly item: ReadonlyMap<string, TreeEntry>;
  }[] = [{ fragments: [], item: new Map() }];
  for (const [axis, { key: place, value: values }] of axes.entries) {
    if (values.kind !== 'list') throw new Failure('usage', problemAt(place, `"${axis}" of the matrix needs a list`));
    combinations = combinations.flatMap(({ fragments, item }) =>
      values.items.map((value, position) => ({
        fragments: [...fragments, fragment(value, axis, position)],
        item: new Map([...item, [axis, { key: place, value }]]),
      })),
    );
  }
  return combinations.map(({ fragments, item }) => {
    const text = fragments.join('-');
    const local = new Map<string, TreeEntry>([
      ['item', { key: matrix.key, value: { kind: 'mapping', entries: item, place: matrix.key } }],
      ['key', { key: matrix.key, value: { kind: 'scalar', value: text, place: matrix.key } }],
    ]);
    return { name: `${name}@${text}`, key, body, local };
  });
}

function fragment(value: Tree, axis: string, position: number): string {
  return value.kind === 'scalar' ? (textInDvc(value) ?? 'None') : `${axis}${position}`;
}
