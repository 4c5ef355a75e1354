import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Diagnostic } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import type { JsonValue } from '../base/json.ts';
import { type Place, problemAt, type Source } from './source.ts';

/** YAML as plain values that know where they stand; aliases and merge keys are resolved. */
export type Tree = ScalarTree | ListTree | MappingTree;

export interface ScalarTree {
  readonly kind: 'scalar';
  readonly value: null | boolean | number | string;
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
 * Parses YAML 1.2 (core schema, with merge keys).
 * @throws {Failure} with all syntax errors, duplicate keys and values that JSON cannot hold.
 */
export function readTree(source: Source): Tree {
  const document = parseDocument(source.text, {
    prettyErrors: false,
    merge: true,
    ...(source.kind === 'file' ? { lineCounter: source.lines } : {}),
  });
  const syntax = syntaxProblems(document, source);
  if (syntax.length > 0) throw new Failure('usage', syntax);

  const problems: Diagnostic[] = [];
  const known = new Map<Node, Tree>();
  const open = new Set<Node>();
  const placeOf = (node: Node | null): Place => {
    const [start, end] = node?.range ?? [0, 0];
    return { source, start, end };
  };
  const report = (place: Place, fact: string, fix?: string): Tree => {
    problems.push(problemAt(place, fact, fix));
    return { kind: 'scalar', value: null, place };
  };

  function convert(node: Node | null, key: Place | undefined): Tree {
    if (node === null) return { kind: 'scalar', value: null, place: key ?? placeOf(null) };
    const done = known.get(node);
    if (done) return done;
    if (open.has(node)) return report(placeOf(node), 'this anchor contains an alias of itself');
    open.add(node);
    const tree = convertNew(node, key);
    open.delete(node);
    known.set(node, tree);
    return tree;
  }

  function convertNew(node: Node, key: Place | undefined): Tree {
    const place = placeOf(node);
    if (isAlias(node)) return convert(node.resolve(document) ?? null, key);
    if (isSeq(node)) {
      const items = node.items.map((item) => convert(item as Node | null, undefined));
      return { kind: 'list', items, place: collectionPlace(place, key, node.flow) };
    }
    if (isMap(node)) return convertMapping(node, collectionPlace(place, key, node.flow));
    if (!isScalar(node)) return report(place, 'this kind of YAML node is not supported');
    const { value } = node;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return report(
        place,
        `${node.source ?? value} is not a number that a param can hold`,
        'use null where there is no value',
      );
    }
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      // An empty value has no text of its own to point at.
      return { kind: 'scalar', value, place: place.end > place.start ? place : (key ?? place) };
    }
    return report(place, 'this value has a type that params cannot hold');
  }

  function convertMapping(node: YAMLMap, place: Place): MappingTree {
    const entries = new Map<string, TreeEntry>();
    const merged = new Set<string>();
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = placeOf(pair.key);
      if (isScalar(pair.key) && typeof pair.key.value === 'symbol') {
        for (const [name, entry] of mergedEntries(convert(pair.value, key), key)) {
          if (entries.has(name)) continue;
          entries.set(name, entry);
          merged.add(name);
        }
        continue;
      }
      const name =
        isScalar(pair.key) && pair.key.value !== null ? String(pair.key.source ?? pair.key.value) : undefined;
      if (name === undefined) report(key, 'a key must be a plain word or text');
      // Assigning to this key would change an object's prototype somewhere down the line.
      else if (name === '__proto__') report(key, 'the key "__proto__" is not allowed');
      else if (entries.has(name) && !merged.delete(name)) problems.push(duplicateKey(source, key.start));
      else entries.set(name, { key, value: convert(pair.value, key) });
    }
    return { kind: 'mapping', entries, place };
  }

  function mergedEntries(value: Tree, key: Place): Iterable<[string, TreeEntry]> {
    if (value.kind === 'mapping') return value.entries;
    if (value.kind === 'list') return value.items.flatMap((item) => [...mergedEntries(item, key)]);
    report(key, '<< merges mappings, and this is none');
    return [];
  }

  const tree = convert(document.contents as Node | null, undefined);
  if (problems.length > 0) throw new Failure('usage', problems);
  return tree;
}

/** All duplicate keys, but of other errors the first only: those after it follow from it. */
function syntaxProblems({ errors, warnings }: Document.Parsed, source: Source): Diagnostic[] {
  const isDuplicate = ({ code }: YAMLError) => code === 'DUPLICATE_KEY';
  const duplicates = errors.filter(isDuplicate).map(({ pos }) => duplicateKey(source, pos[0]));
  const other = [...errors, ...warnings].find((error) => !isDuplicate(error));
  if (!other) return duplicates;
  const [start, end] = other.pos;
  return [...duplicates, problemAt({ source, start, end }, `this is not valid YAML: ${lowerFirst(other.message)}`)];
}

function duplicateKey(source: Source, start: number): Diagnostic {
  const text = /^("[^"]*"|'[^']*'|[^:\n]*[^:\s])/.exec(source.text.slice(start))?.[0] ?? '';
  const name = text.replace(/^(["'])(.*)\1$/, '$2');
  const place = { source, start, end: start + text.length };
  return problemAt(place, `the key "${name}" appears twice in this mapping`, 'keep one of the two');
}

/** A block collection is shown by its key: its own text starts on another line. */
function collectionPlace(own: Place, key: Place | undefined, flow: boolean | undefined): Place {
  return flow === true ? own : (key ?? own);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
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

/** The entry of a mapping, or nothing where the tree is none or lacks it. */
export function entryOf(tree: Tree | undefined, name: string): TreeEntry | undefined {
  return tree?.kind === 'mapping' ? tree.entries.get(name) : undefined;
}

/** The text of a scalar that the schema has checked to be one. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'scalar' && typeof tree.value === 'string' ? tree.value : undefined;
}
