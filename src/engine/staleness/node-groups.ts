import { hash } from 'node:crypto';
import type { NodeKey } from '../base/digest.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { KeyedTrace, Store } from '../store/store.ts';
import type { KnownOutputs, Subjects } from './subjects.ts';

/** Fewer nodes are looked at one by one as fast. */
const FEWEST = 64;

/** Nodes of one stage that follow each other in the plan. */
export interface NodeGroup {
  readonly first: number;
  readonly end: number;
}

/**
 * The groups of a plan. When all nodes of one are up to date, the store remembers their traces together, under a name that covers all that is in
 * their keys. So a later survey, in which the name is the same, computes no key and looks no trace up.
 */
export class NodeGroups {
  private readonly nodes: readonly PlanNode[];
  private readonly subjects: Subjects;
  private readonly fewest: number;
  private readonly remembered = new Set<number>();

  /** @param fewest for smaller groups, nothing is remembered */
  constructor(nodes: readonly PlanNode[], subjects: Subjects, fewest = FEWEST) {
    this.nodes = nodes;
    this.subjects = subjects;
    this.fewest = fewest;
  }

  *all(): Iterable<NodeGroup> {
    const { nodes } = this;
    for (let first = 0, end = 1; first < nodes.length; first = end) {
      for (end = first + 1; nodes[end]?.stage === nodes[first]?.stage; ) end++;
      yield { first, end };
    }
  }

  /** The traces of a group in the order of its nodes, if they are remembered. */
  traces(group: NodeGroup, known: KnownOutputs, store: Store): readonly KeyedTrace[] | undefined {
    const name = this.nameOf(group, known);
    const traces = name === undefined ? undefined : store.traces(name);
    if (traces) this.remembered.add(group.first);
    return traces;
  }

  /** Keys by the names of the groups that are up to date by now, and not remembered. */
  toRemember(known: KnownOutputs, keys: readonly (NodeKey | null)[]): ReadonlyMap<string, readonly NodeKey[]> {
    const found = new Map<string, readonly NodeKey[]>();
    for (const group of this.all()) {
      if (this.remembered.has(group.first)) continue;
      const ofGroup = keys.slice(group.first, group.end);
      const areDone = ofGroup.every(
        (key, index): key is NodeKey => key !== null && known[group.first + index] !== undefined,
      );
      const name = areDone ? this.nameOf(group, known) : undefined;
      if (name !== undefined) found.set(name, ofGroup as NodeKey[]);
    }
    return found;
  }

  /**
   * A digest of everything in the keys of a group's nodes. An output of the group itself counts by its place: what it is follows from the rest.
   * Undefined where more than keys decides, an input is not known, or a name would save nothing.
   */
  private nameOf({ first, end }: NodeGroup, known: KnownOutputs): string | undefined {
    const { nodes, subjects } = this;
    const { stage } = nodes[first] as PlanNode;
    if (end - first < this.fewest || stage.program.kind !== 'module' || subjects.isForced(stage)) return undefined;
    /** The key of a stage, and the rows of the nodes that have it. */
    const rows: unknown[] = [];
    for (let index = first, last: string | undefined; index < end; index++) {
      const { params, coordinates, inputs, gate, reports } = nodes[index] as PlanNode;
      // Metrics decide too.
      if (gate ?? reports) return undefined;
      const key = subjects.keyOfStage(stage, params);
      if (key !== last) rows.push(key);
      last = key;
      const row: unknown[] = [coordinates];
      for (const input of inputs) {
        if (input.kind === 'many') return undefined;
        const { node, output } = input.source;
        const content = node >= first ? `${node - first} ${output}` : subjects.digest(input.source, known);
        if (content === undefined) return undefined;
        row.push(input.name, content);
      }
      rows.push(row);
    }
    return hash('sha256', JSON.stringify(rows));
  }
}
