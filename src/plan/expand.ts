import { Failure } from '../base/failure.ts';
import { deepFreeze, isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { Coordinate, Coordinates } from '../contract/stage.ts';
import { describeValue } from '../spec/lookup.ts';
import type { Problems } from '../spec/problems.ts';
import { type Place, problemAt } from '../spec/source.ts';
import { evaluateTemplate, type Template } from '../spec/template.ts';
import type { LinkedInput, LinkedStage } from './link.ts';
import { encodeSegment } from './nodeId.ts';

/** A node before it is known whether a target needs it. */
export interface DraftNode {
  readonly kind: 'node';
  readonly stage: ExpandedStage;
  readonly id: string;
  readonly coordinates: Coordinates;
  /** The coordinates as segments of the id. */
  readonly segments: readonly string[];
  readonly params: JsonObject;
  readonly inputs: readonly DraftInput[];
  readonly chain: string | undefined;
  /** Where it will stand in the plan; −1 until selected. */
  index: number;
  selected: boolean;
}

/** Where a chain starts: the scanned coordinate before its first value. It stands for what the carry starts from. */
export interface ChainStart {
  readonly kind: 'start';
  readonly id: string;
  readonly segments: readonly string[];
  readonly outputs: ReadonlyMap<string, DraftSource>;
}

export interface DraftSource {
  readonly node: DraftNode;
  readonly output: string;
}

/** Nodes that read the same outputs share one object. */
export interface DraftInput {
  readonly name: string;
  readonly kind: 'one' | 'many';
  readonly sources: readonly DraftSource[];
}

export interface ExpandedStage {
  readonly linked: LinkedStage;
  readonly nodes: DraftNode[];
  /** Nodes and chain starts: a start right before its chain. */
  readonly entries: (DraftNode | ChainStart)[];
  /** Entries by the ids' segments at some positions, built when an input asks for it. */
  readonly indices: Map<string, ReadonlyMap<string, readonly (DraftNode | ChainStart)[]>>;
}

/** More nodes than anyone waits for: a slip such as `to: 1e9` must not fill the memory. */
const MAX_NODES_PER_STAGE = 1_000_000;

interface CoordinateValues {
  readonly values: readonly Coordinate[];
  readonly segments: readonly string[];
}

const NO_PARAMS: JsonObject = Object.freeze({});

/**
 * All nodes of a stage, in the order of its coordinates, a chain's one after the other. What depends only on leading
 * coordinates is evaluated once for all nodes that share them, and shared by identity.
 * @param expanded the stages that it reads, expanded
 */
export function expandStage(
  linked: LinkedStage,
  expanded: ReadonlyMap<LinkedStage, ExpandedStage>,
  problems: Problems,
): ExpandedStage {
  const stage: ExpandedStage = { linked, nodes: [], entries: [], indices: new Map() };
  const { spec } = linked;
  const { each, scan } = spec;
  const total = linked.coordinates.length;
  const coordinates: Coordinate[] = [];
  const segments: string[] = [];
  const inputs: (DraftInput | undefined)[] = linked.inputs.map(() => undefined);
  const valuesCache = new Map<JsonValue, CoordinateValues>();
  let params = NO_PARAMS;

  /** Evaluates what becomes known at this many coordinates. */
  const enter = (depth: number): void => {
    if (spec.params.depth === depth)
      params = problems.attempt(() => paramsOf(spec.params, spec.paramsPlace, coordinates)) ?? NO_PARAMS;
    linked.inputs.forEach((input, position) => {
      if (input.depth === depth)
        inputs[position] = problems.attempt(() => resolveInput(input, coordinates, segments, expanded));
    });
  };

  const coordinatesNow = (): Record<string, Coordinate> => {
    const result: Record<string, Coordinate> = {};
    for (let i = 0; i < coordinates.length; i++) result[linked.coordinates[i] as string] = coordinates[i] as Coordinate;
    return result;
  };

  const addNode = (id: string, chain: string | undefined, carried: readonly DraftInput[]): DraftNode => {
    if (stage.nodes.length >= MAX_NODES_PER_STAGE) {
      throw new Failure(
        'usage',
        problemAt(
          spec.place,
          `stage "${spec.name}" has more than ${MAX_NODES_PER_STAGE} nodes`,
          'make the lists in "each", or the range of "scan", shorter',
        ),
      );
    }
    const known = inputs.filter((input) => input !== undefined);
    const node: DraftNode = {
      kind: 'node',
      stage,
      id,
      coordinates: coordinatesNow(),
      segments: segments.slice(),
      params,
      inputs: carried.length === 0 ? known : [...carried, ...known],
      chain,
      index: -1,
      selected: false,
    };
    stage.nodes.push(node);
    stage.entries.push(node);
    return node;
  };

  const expandChain = (chain: string): void => {
    if (!scan) return;
    const from = problems.attempt(() => wholeNumber(scan.from, scan.place, coordinates));
    const to = problems.attempt(() => wholeNumber(scan.to, scan.place, coordinates));
    const starts = linked.carry.map((carried) =>
      problems.attempt(() => resolveStart(carried, coordinates, segments, expanded)),
    );
    if (from === undefined || to === undefined) return;
    const outputs = new Map<string, DraftSource>();
    linked.carry.forEach((carried, position) => {
      const start = starts[position];
      if (start) outputs.set(carried.name, start);
    });
    const startSegment = String(from - 1);
    stage.entries.push({
      kind: 'start',
      id: `${chain}/${startSegment}`,
      segments: [...segments, startSegment],
      outputs,
    });
    let carried: DraftInput[] = [...outputs].map(([name, source]) => ({ name, kind: 'one', sources: [source] }));
    const names = [...outputs.keys()];
    const position = total - 1;
    for (let value = from; value <= to; value++) {
      const segment = String(value);
      coordinates[position] = value;
      segments[position] = segment;
      enter(total);
      const node = addNode(`${chain}/${segment}`, chain, carried);
      carried = names.map((name) => ({ name, kind: 'one', sources: [{ node, output: name }] }));
    }
    coordinates.length = position;
    segments.length = position;
  };

  const expand = (depth: number, id: string): void => {
    enter(depth);
    const coordinate = each[depth];
    if (!coordinate) {
      if (scan) expandChain(id);
      else addNode(id, undefined, []);
      return;
    }
    const list = problems.attempt(() => coordinateValues(coordinate, coordinates, valuesCache));
    if (!list) return;
    for (let i = 0; i < list.values.length; i++) {
      const segment = list.segments[i] as string;
      coordinates[depth] = list.values[i] as Coordinate;
      segments[depth] = segment;
      expand(depth + 1, `${id}/${segment}`);
    }
    coordinates.length = depth;
    segments.length = depth;
  };

  problems.attempt(() => expand(0, spec.name));
  return stage;
}

function paramsOf(template: Template, place: Place, coordinates: readonly Coordinate[]): JsonObject {
  const value = evaluateTemplate(template, coordinates);
  if (isJsonObject(value)) return deepFreeze(value);
  throw new Failure('usage', problemAt(place, `the params are ${describeValue(value)}`, 'params must be a mapping'));
}

function wholeNumber(template: Template, place: Place, coordinates: readonly Coordinate[]): number {
  const value = evaluateTemplate(template, coordinates);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new Failure(
    'usage',
    problemAt(place, `the range of a scan ends at ${describeValue(value)}`, 'use a whole number'),
  );
}

function coordinateValues(
  { name, place, values: template }: { readonly name: string; readonly place: Place; readonly values: Template },
  coordinates: readonly Coordinate[],
  cache: Map<JsonValue, CoordinateValues>,
): CoordinateValues {
  const value = evaluateTemplate(template, coordinates);
  const known = cache.get(value);
  if (known) return known;
  const values = listOf(value, place);
  const segments = values.map(encodeSegment);
  const seen = new Set<string>();
  segments.forEach((segment, i) => {
    if (segment === '')
      throw new Failure(
        'usage',
        problemAt(place, `coordinate "${name}" has an empty value`, 'give every value a name'),
      );
    if (seen.has(segment))
      throw new Failure(
        'usage',
        problemAt(place, `coordinate "${name}" lists ${values[i]} twice`, 'keep one of the two'),
      );
    seen.add(segment);
  });
  const result = { values, segments };
  cache.set(value, result);
  return result;
}

/** The values that a list, or a mapping by its keys, stands for. */
function listOf(value: JsonValue, place: Place): readonly Coordinate[] {
  if (isJsonObject(value)) return Object.keys(value);
  if (!Array.isArray(value)) {
    throw new Failure(
      'usage',
      problemAt(place, `this is ${describeValue(value)}`, 'use a list, or a mapping for its keys'),
    );
  }
  return (value as readonly JsonValue[]).map((item) => {
    if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return item;
    throw new Failure(
      'usage',
      problemAt(place, `${describeValue(item)} cannot be a coordinate`, 'use texts, numbers, true and false'),
    );
  });
}

function resolveStart(
  carried: LinkedInput,
  coordinates: readonly Coordinate[],
  segments: readonly string[],
  expanded: ReadonlyMap<LinkedStage, ExpandedStage>,
): DraftSource {
  const { kind, sources } = resolveInput(carried, coordinates, segments, expanded);
  const [source] = sources;
  if (kind === 'one' && source) return source;
  throw new Failure(
    'usage',
    problemAt(carried.place, `"${carried.name}" starts from ${sources.length} nodes`, 'select one of them'),
  );
}

/** Finds the outputs that an input reads for the nodes of given leading coordinates. */
function resolveInput(
  input: LinkedInput,
  coordinates: readonly Coordinate[],
  segments: readonly string[],
  expanded: ReadonlyMap<LinkedStage, ExpandedStage>,
): DraftInput {
  const { name, place, output, selectors } = input;
  const source = expanded.get(input.source);
  if (!source) throw new Error(`stage ${input.source.spec.name} is read before it is expanded`);
  const positions: number[] = [];
  let keys = [''];
  let many = false;
  selectors.forEach((selector, position) => {
    if (selector.kind === 'any') {
      many = true;
      return;
    }
    positions.push(position);
    if (selector.kind === 'same') {
      const segment = segments[selector.position] as string;
      keys = keys.map((key) => `${key}/${segment}`);
      return;
    }
    const value = evaluateTemplate(selector.template, coordinates);
    if (typeof value === 'object') {
      many = true;
      const options = listOf(value, place).map(encodeSegment);
      keys = keys.flatMap((key) => options.map((option) => `${key}/${option}`));
    } else keys = keys.map((key) => `${key}/${encodeSegment(value)}`);
  });
  const index = indexBy(source, positions);
  const entries: (DraftNode | ChainStart)[] = [];
  for (const key of keys) {
    const found = index.get(key) ?? [];
    if (found.length === 0) throw new Failure('usage', noSuchNode(input, source, positions, key));
    // Without wildcards a key has one entry.
    for (const entry of found) entries.push(entry);
  }
  if (keys.length > 1) sortByEntryOrder(entries, source);
  if (entries.length === 0) {
    throw new Failure(
      'usage',
      problemAt(
        place,
        `this gathers nothing: stage "${input.source.spec.name}" has no nodes`,
        'give every coordinate of it at least one value',
      ),
    );
  }
  return { name, kind: many ? 'many' : 'one', sources: entries.map((entry) => outputOf(entry, output, place)) };
}

function outputOf(entry: DraftNode | ChainStart, output: string, place: Place): DraftSource {
  if (entry.kind === 'node') return { node: entry, output };
  const start = entry.outputs.get(output);
  if (start) return start;
  throw new Failure(
    'usage',
    problemAt(
      place,
      `node "${entry.id}" does not exist: it is the start of the chain, which has no "${output}"`,
      'only carried outputs have a value before the first step',
    ),
  );
}

function sortByEntryOrder(entries: (DraftNode | ChainStart)[], source: ExpandedStage): void {
  const order = new Map(source.entries.map((entry, position) => [entry, position]));
  entries.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}

function indexBy(
  source: ExpandedStage,
  positions: readonly number[],
): ReadonlyMap<string, readonly (DraftNode | ChainStart)[]> {
  const name = positions.join();
  const known = source.indices.get(name);
  if (known) return known;
  const index = new Map<string, (DraftNode | ChainStart)[]>();
  // A gather over the scanned coordinate takes the steps of a chain; its start is none.
  const startsCount = source.linked.spec.scan !== undefined && positions.includes(source.linked.coordinates.length - 1);
  for (const entry of startsCount ? source.entries : source.nodes) {
    let key = '';
    for (const position of positions) key += `/${entry.segments[position]}`;
    const same = index.get(key);
    if (same) same.push(entry);
    else index.set(key, [entry]);
  }
  source.indices.set(name, index);
  return index;
}

function noSuchNode(input: LinkedInput, source: ExpandedStage, positions: readonly number[], key: string) {
  const wanted = key.split('/').slice(1);
  const { name } = input.source.spec;
  if (source.nodes.length === 0)
    return problemAt(input.place, `stage "${name}" has no nodes`, 'give every coordinate of it at least one value');
  const id = [
    name,
    ...input.source.coordinates.map((_, position) =>
      positions.includes(position) ? wanted[positions.indexOf(position)] : '*',
    ),
  ].join('/');
  // The first coordinate that no node has together with those before it is the one to mend.
  let candidates: readonly DraftNode[] = source.nodes;
  for (const [i, position] of positions.entries()) {
    const matching = candidates.filter(({ segments }) => segments[position] === wanted[i]);
    if (matching.length === 0) {
      const values = [...new Set(candidates.map(({ segments }) => segments[position] as string))];
      const coordinate = input.source.coordinates[position];
      return problemAt(input.place, `no node matches "${id}"`, `"${coordinate}" has the values ${listed(values)}`);
    }
    candidates = matching;
  }
  return problemAt(input.place, `no node matches "${id}"`);
}

function listed(values: readonly string[]): string {
  return values.length <= 12 ? values.join(', ') : `${values.slice(0, 5).join(', ')}, … ${values[values.length - 1]}`;
}
