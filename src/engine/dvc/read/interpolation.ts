import { Failure } from '../../base/failure.ts';
import { type Place, placeOfPart, problemAt } from '../../pipeline/yaml/source.ts';
import type { ScalarTree, Tree, TreeEntry } from '../../pipeline/yaml/tree.ts';
import { textInDvc } from './scalar-text.ts';

/** What a stage's `${…}` may refer to. */
export interface Scope {
  /** `item` and `key` of foreach and matrix, and `vars` of the stage: they have no place in the new params. */
  readonly local: ReadonlyMap<string, TreeEntry>;
  readonly global: ReadonlyMap<string, TreeEntry>;
}

/** A part of a text of DVC. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'value';
      readonly path: readonly string[];
      readonly isLocal: boolean;
      readonly tree: Tree;
      readonly place: Place;
    };

const REFERENCE = /(?<!\\)\$\{(.*?)\}/g;

/** Divides a text at its references. @throws {Failure} for one that refers to nothing */
export function partsOf(text: string, place: Place, scope: Scope): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  const plain = (until: number) => {
    if (until > end) parts.push({ kind: 'text', text: text.slice(end, until).replaceAll('\\${', () => '${') });
  };
  for (const match of text.matchAll(REFERENCE)) {
    plain(match.index);
    end = match.index + match[0].length;
    parts.push(look(match[0], match[1] ?? '', placeOfPart(place, match[0]), scope));
  }
  plain(text.length);
  return parts;
}

function look(whole: string, inner: string, place: Place, scope: Scope): TextPart {
  const path = inner.trim().replaceAll('[', '.').replaceAll(']', '').split('.');
  const [root = ''] = path;
  const isLocal = scope.local.has(root);
  let tree = (isLocal ? scope.local : scope.global).get(root)?.value;
  for (const step of path.slice(1)) {
    tree =
      tree?.kind === 'mapping'
        ? tree.entries.get(step)?.value
        : tree?.kind === 'list'
          ? tree.items[Number(step)]
          : undefined;
  }
  if (tree) return { kind: 'value', path, isLocal, tree, place };
  throw new Failure('usage', problemAt(place, `${whole} refers to nothing`, 'add it to params.yaml or to "vars"'));
}

/** A tree with all references replaced by their values. */
export function resolveTree(tree: Tree, scope: Scope): Tree {
  switch (tree.kind) {
    case 'list':
      return { ...tree, items: tree.items.map((item) => resolveTree(item, scope)) };
    case 'mapping': {
      const entries = [...tree.entries].map(([name, { key, value }]) => {
        const resolved = resolveScalar({ kind: 'scalar', value: name, place: key }, scope);
        const text = resolved.kind === 'scalar' ? String(resolved.value) : name;
        return [text, { key, value: resolveTree(value, scope) }] as const;
      });
      return { ...tree, entries: new Map(entries) };
    }
    case 'scalar':
      return resolveScalar(tree, scope);
  }
}

function resolveScalar(tree: ScalarTree, scope: Scope): Tree {
  if (typeof tree.value !== 'string' || !tree.value.includes('${')) return tree;
  const parts = partsOf(tree.value, tree.place, scope);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'value') return only.tree;
  return { ...tree, value: parts.map((part) => (part.kind === 'text' ? part.text : scalarText(part))).join('') };
}

/** The text of a value in the middle of a text. @throws {Failure} where it has none */
export function scalarText({ tree, place }: Extract<TextPart, { kind: 'value' }>): string {
  const text = tree.kind === 'scalar' ? textInDvc(tree) : undefined;
  if (text !== undefined) return text;
  const what = tree.kind === 'scalar' ? 'null' : `a ${tree.kind}`;
  throw new Failure(
    'usage',
    problemAt(place, `this is ${what}, and stands in a text`, 'write out what the text is to be'),
  );
}
