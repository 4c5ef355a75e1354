import { readNumber } from '../pipeline/yaml/number-text.ts';
import { encodeSegment } from './encode-segment.ts';
import type { LinkedStage } from './link-stages.ts';
import type { OutputReference, PlanNode } from './plan.ts';

/** A node under construction: it is renumbered once the nodes that the targets need are known. */
export type DraftNode = { -readonly [Property in keyof PlanNode]: PlanNode[Property] };
export type DraftReference = { -readonly [Property in keyof OutputReference]: OutputReference[Property] };

/** The start of a chain: the scanned coordinate before its first value. It stands for what the carry starts from. */
export interface ChainStart {
  readonly id: string;
  /** The index of the chain's first node. */
  readonly before: number;
  readonly outputs: ReadonlyMap<string, DraftReference>;
}

export type Entry = DraftNode | ChainStart;

/** Entries by the segments of their ids, one level for each coordinate: a look-up builds no text. */
export interface EntryTree {
  get(segment: string): EntryTree | Entry | undefined;
}

/** The last level of a scan: the nodes of a chain follow each other. */
export class ChainEntries implements EntryTree {
  readonly #start: ChainStart;
  readonly #from: number;
  readonly #to: number;
  readonly #nodes: readonly DraftNode[];

  /** @param nodes all nodes of the plan so far */
  constructor(start: ChainStart, from: number, to: number, nodes: readonly DraftNode[]) {
    this.#start = start;
    this.#from = from;
    this.#to = to;
    this.#nodes = nodes;
  }

  get(segment: string): Entry | undefined {
    const value = Number(segment);
    // "01" and "1e0" are other texts for a value, and no ids.
    if (!Number.isSafeInteger(value) || String(value) !== segment || value > this.#to) return undefined;
    if (value === this.#from - 1) return this.#start;
    return value < this.#from ? undefined : this.#nodes[this.#start.before + value - this.#from];
  }
}

export function isEntry(found: EntryTree | Entry): found is Entry {
  return 'id' in found;
}

export interface ExpandedStage {
  readonly linked: LinkedStage;
  readonly nodes: DraftNode[];
  readonly starts: ChainStart[];
  readonly root: EntryTree | Entry;
  /** Entries by the segments at some positions, built when a gathering input asks for them. */
  readonly groups: Map<string, ReadonlyMap<string, readonly Entry[]>>;
  /** By position, the segments of a coordinate, and which of them are numbers; built where a text could name a number. */
  readonly segments: Map<number, ReadonlyMap<string, boolean>>;
}

export function isStart(entry: Entry): entry is ChainStart {
  return 'before' in entry;
}

/** The coordinates as in the id. */
export function segmentsOf({ id }: { readonly id: string }): string[] {
  return id.split('/').slice(1);
}

/**
 * The segment that a text names at a position: itself, or else the same number in another notation, such as `0.10`, `1e1` and `08`.
 * @param encoded the text as a segment
 */
export function segmentNamed(stage: ExpandedStage, position: number, text: string, encoded: string): string {
  const number = readNumber(text);
  if (number.kind !== 'number') return encoded;
  const plain = encodeSegment(number.value);
  if (plain === encoded) return encoded;
  const { declared, coordinates } = stage.linked;
  // A scan counts in numbers, even at its start, which is no node.
  if (declared.scan && position === coordinates.length - 1) return plain;
  const segments = segmentsAt(stage, position);
  return !segments.has(encoded) && segments.get(plain) ? plain : encoded;
}

function segmentsAt(stage: ExpandedStage, position: number): ReadonlyMap<string, boolean> {
  const known = stage.segments.get(position);
  if (known) return known;
  const segments = new Map<string, boolean>();
  const name = stage.linked.coordinates[position] as string;
  for (const node of stage.nodes) {
    segments.set(segmentsOf(node)[position] as string, typeof node.coordinates[name] === 'number');
  }
  stage.segments.set(position, segments);
  return segments;
}

/** The nodes, and the starts of chains where they count, by their segments at the given positions. */
export function groupBy(stage: ExpandedStage, positions: readonly number[]): ReadonlyMap<string, readonly Entry[]> {
  const name = positions.join();
  const known = stage.groups.get(name);
  if (known) return known;
  const groups = new Map<string, Entry[]>();
  // A gather over the scanned coordinate takes the steps of a chain, not its start.
  const scanned = stage.linked.declared.scan ? stage.linked.coordinates.length - 1 : -1;
  const entries: readonly Entry[] = positions.includes(scanned) ? [...stage.starts, ...stage.nodes] : stage.nodes;
  for (const entry of entries) {
    const segments = segmentsOf(entry);
    const key = keyOf(positions.map((position) => segments[position] as string));
    const same = groups.get(key);
    if (same) same.push(entry);
    else groups.set(key, [entry]);
  }
  for (const group of groups.values()) sortEntries(group);
  stage.groups.set(name, groups);
  return groups;
}

/** Segments hold no slash. */
export function keyOf(segments: readonly string[]): string {
  return segments.join('/');
}

/** The plan's order, a chain's start right before its first node. */
export function sortEntries(entries: Entry[]): void {
  entries.sort((a, b) => orderOf(a) - orderOf(b));
}

function orderOf(entry: Entry): number {
  return isStart(entry) ? entry.before - 0.5 : entry.index;
}
