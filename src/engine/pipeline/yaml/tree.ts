import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { type Diagnostic, nearestName } from '../../base/diagnostic.ts';
import type { JsonValue } from '../../base/json.ts';
import { Problems } from '../problems.ts';
import { checkExtent, type Extent, textValues } from './extent.ts';
import { type Place, problemAt, type Source } from './source.ts';
import { parseYaml } from './yaml-document.ts';
import { readScalar, type ScalarValue } from './yaml-scalar.ts';

/** YAML as plain values with their places; aliases and merge keys are resolved. */
export type Tree = ScalarTree | ListTree | MappingTree;

export interface ScalarTree {
  readonly kind: 'scalar';
  readonly value: ScalarValue;
  readonly place: Place;
}

export interface ListTree {
  readonly kind: 'list';
  readonly items: readonly Tree[];
  readonly place: Place;
}

export interface MappingTree {
  readonly kind: 'mapping';
  readonly entries: ReadonlyMap<string, TreeEntry>;
  readonly place: Place;
}

export interface TreeEntry {
  readonly key: Place;
  readonly value: Tree;
}

/**
 * Reads YAML as a tree.
 * @throws {Failure} with all syntax errors, duplicate keys, values that would reach a stage changed, and what is too large
 */
export function readTree(source: Source): Tree {
  const { contents } = parseYaml(source);
  const problems = new Problems();
  const known = new Map<Node, Tree>();
  const open = new Set<Node>();
  const anchors = new Map<string, Node>();
  const extents = new TreeExtents();
  const placeOf = (node: Node | null): Place => {
    const [start, end] = node?.range ?? [0, 0];
    return { source, start, end };
  };
  const report = (place: Place, fact: string, fix?: string): Tree => {
    problems.add(problemAt(place, fact, fix));
    return { kind: 'scalar', value: null, place };
  };

  /** Nodes are converted in the order of the file, so that an alias finds the anchor before it. */
  function convert(node: Node | null, key: Place | undefined): Tree {
    if (node === null) return { kind: 'scalar', value: null, place: key ?? placeOf(null) };
    if (isAlias(node)) return resolveAlias(node, key);
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    open.add(node);
    const tree = convertNew(node, key);
    open.delete(node);
    known.set(node, tree);
    return tree;
  }

  function resolveAlias(alias: Alias, key: Place | undefined): Tree {
    const place = placeOf(alias);
    const node = anchors.get(alias.source);
    if (!node) {
      const near = nearestName(alias.source, anchors.keys());
      const fix = `text that begins with * stands in quotes: '*${alias.source}'`;
      return report(
        place,
        `there is no anchor &${alias.source} before this alias`,
        near ? `did you mean *${near}? ${fix}` : fix,
      );
    }
    if (open.has(node)) return report(placeOf(node), 'this anchor contains an alias of itself');
    return known.get(node) ?? convert(node, key);
  }

  function convertNew(node: Exclude<Node, Alias>, key: Place | undefined): Tree {
    const place = placeOf(node);
    if (isSeq(node)) {
      const items = node.items.map((item) => convert(item as Node | null, undefined));
      return extents.checked({ kind: 'list', items, place: collectionPlace(place, key, node.flow) });
    }
    if (isMap(node)) return extents.checked(convertMapping(node, collectionPlace(place, key, node.flow)));
    const reading = readScalar(node);
    if (reading.kind === 'refused') return report(place, reading.fact, reading.fix);
    // An empty value has no text of its own to point at.
    return { kind: 'scalar', value: reading.value, place: place.end > place.start ? place : (key ?? place) };
  }

  function convertMapping(node: YAMLMap, place: Place): MappingTree {
    const entries = new Map<string, TreeEntry>();
    const merged = new Set<string>();
    let merges = false;
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = placeOf(pair.key);
      if (isScalar(pair.key) && typeof pair.key.value === 'symbol') {
        if (merges) problems.add(duplicateKey(key, '<<', 'merge several by <<: [*a, *b]'));
        merges = true;
        for (const from of mergedMappings(convert(pair.value, key), key)) {
          extents.merge(from);
          for (const [name, entry] of from.entries) {
            if (entries.has(name)) continue;
            entries.set(name, entry);
            merged.add(name);
          }
        }
        continue;
      }
      const name = readKey(pair.key);
      const value = convert(pair.value, key);
      if (name === undefined) report(key, 'a key must be a plain word or text');
      // Assigning to this key would change an object's prototype elsewhere.
      else if (name === '__proto__') report(key, 'the key "__proto__" is not allowed');
      else if (/\p{Surrogate}/u.test(name))
        report(key, 'this key holds half of a surrogate pair, which is no character');
      else if (entries.has(name) && !merged.delete(name)) problems.add(duplicateKey(key, name, 'keep one of the two'));
      else entries.set(name, { key, value });
    }
    return { kind: 'mapping', entries, place };
  }

  /** A key is the text in the file: `1.0` and `1` are two keys. */
  function readKey(node: Node): string | undefined {
    if (!isScalar(node) || node.value === null) return undefined;
    if (node.anchor !== undefined) convert(node, undefined);
    return node.source ?? String(node.value);
  }

  function mergedMappings(value: Tree, key: Place): readonly MappingTree[] {
    const mappings = value.kind === 'list' ? value.items : [value];
    if (mappings.every((each) => each.kind === 'mapping')) return mappings;
    report(key, '<< merges a mapping, or a list of mappings, and this is neither');
    return [];
  }

  const tree = convert(contents as Node | null, undefined);
  problems.throwIfAny();
  return tree;
}

/** The number of values in trees, with each alias expanded. */
class TreeExtents {
  readonly #known = new Map<Tree, Extent>();
  #merged = 0;

  /** @throws {Failure} where the tree is too large, or too deep by its aliases */
  checked(tree: ListTree | MappingTree): Tree {
    const extent = { values: 1, depth: 1 };
    const children = tree.kind === 'list' ? tree.items : [...tree.entries.values()].map(({ value }) => value);
    for (const child of children) {
      const { values, depth } = this.#known.get(child) ?? scalarExtent(child);
      extent.values += values;
      extent.depth = Math.max(extent.depth, depth + 1);
    }
    checkExtent(extent, tree.place);
    this.#known.set(tree, extent);
    return tree;
  }

  /** Entries that << copies take up memory before their mapping is complete. */
  merge({ entries, place }: MappingTree): void {
    this.#merged += entries.size;
    checkExtent({ values: this.#merged, depth: 1 }, place);
  }
}

function scalarExtent(tree: Tree): Extent {
  const values = tree.kind === 'scalar' && typeof tree.value === 'string' ? textValues(tree.value.length) : 1;
  return { values, depth: 1 };
}

function duplicateKey(place: Place, name: string, fix: string): Diagnostic {
  return problemAt(place, `the key "${name}" appears twice in this mapping`, fix);
}

/** A block collection is shown at its key: its own text starts on another line. */
function collectionPlace(own: Place, key: Place | undefined, flow: boolean | undefined): Place {
  return flow === true ? own : (key ?? own);
}

/** The plain value of a tree. */
export function treeToJson(tree: Tree): JsonValue {
  switch (tree.kind) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map(treeToJson);
    case 'mapping': {
      const result: Record<string, JsonValue> = {};
      for (const [name, { value }] of tree.entries) result[name] = treeToJson(value);
      return result;
    }
  }
}

/** The entry of a mapping; undefined where the tree is no mapping or lacks it. */
export function entryOf(tree: Tree | undefined, name: string): TreeEntry | undefined {
  return tree?.kind === 'mapping' ? tree.entries.get(name) : undefined;
}

/** The text of a scalar that the schema has checked to be one. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'scalar' && typeof tree.value === 'string' ? tree.value : undefined;
}
