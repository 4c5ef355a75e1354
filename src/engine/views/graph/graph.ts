import type { Plan, PlanNode } from '../../plan/plan.ts';
import { sourcesOf } from '../../plan/sources.ts';
import { type Box, boxesOf } from './boxes.ts';

/** The state of a node before anything runs, as `survey` finds it. */
export type KnownState = 'current' | 'stale' | 'waiting' | 'cutShort';

/** The last one only where there is any. */
export type StateCounts = Readonly<Record<Exclude<KnownState, 'cutShort'>, number>> & { readonly cutShort?: number };

export interface Vertex {
  /** Unique in the graph; for a box of one node, the node's id. */
  readonly name: string;
  readonly label: string;
  readonly stage: string;
  readonly nodes: number;
  /** How many of its nodes are in each state; undefined if nobody asked for that. */
  readonly states: StateCounts | undefined;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Names of the outputs that it carries. */
  readonly outputs: readonly string[];
}

export interface Graph {
  readonly vertices: readonly Vertex[];
  readonly edges: readonly Edge[];
}

/** Which stages show their nodes; each of the others is one box. */
export type Expansion = { readonly kind: 'all' } | { readonly kind: 'stages'; readonly stages: ReadonlySet<string> };

/**
 * The graph of a plan: a box for each stage, or several for an expanded one.
 * @param states of every node, in the plan's order
 */
export function graphOf(plan: Plan, expansion: Expansion, states?: readonly KnownState[]): Graph {
  const boxes = new Array<Box>(plan.nodes.length);
  const all: Box[] = [];
  for (const [stage, nodes] of nodesByStage(plan)) {
    const expanded = expansion.kind === 'all' || expansion.stages.has(stage);
    for (const box of boxesOf(stage, nodes, expanded)) {
      all.push(box);
      for (const { index } of box.nodes) boxes[index] = box;
    }
  }
  return {
    vertices: all.map(({ name, label, nodes }) => ({
      name,
      label,
      stage: (nodes[0] as PlanNode).stage.name,
      nodes: nodes.length,
      states: states && countStates(nodes, states),
    })),
    edges: edgesOf(plan, boxes),
  };
}

/** The state that decides the box's colour: the one with the most work. */
export function stateOf({ states }: Vertex): KnownState | undefined {
  if (!states) return undefined;
  if (states.stale > 0) return 'stale';
  if (states.waiting > 0) return 'waiting';
  return states.current === 0 && states.cutShort !== undefined ? 'cutShort' : 'current';
}

const STATE_WORDS: readonly (readonly [KnownState, string])[] = [
  ['current', 'up to date'],
  ['stale', 'stale'],
  ['waiting', 'waiting'],
  ['cutShort', 'cut short'],
];

/** `4 up to date, 2 stale`; of a single node `stale`. */
export function describeStates({ nodes, states }: Vertex): string | undefined {
  if (!states) return undefined;
  const present = STATE_WORDS.filter(([state]) => (states[state] ?? 0) > 0);
  return present.map(([state, word]) => (nodes === 1 ? word : `${states[state]} ${word}`)).join(', ');
}

function nodesByStage({ nodes }: Plan): ReadonlyMap<string, readonly PlanNode[]> {
  const stages = new Map<string, PlanNode[]>();
  for (const node of nodes) {
    const known = stages.get(node.stage.name);
    if (known) known.push(node);
    else stages.set(node.stage.name, [node]);
  }
  return stages;
}

function countStates(nodes: readonly PlanNode[], states: readonly KnownState[]): StateCounts {
  const counts = { current: 0, stale: 0, waiting: 0, cutShort: 0 };
  for (const { index } of nodes) counts[states[index] as KnownState]++;
  const { cutShort, ...others } = counts;
  return cutShort > 0 ? counts : others;
}

function edgesOf({ nodes }: Plan, boxes: readonly Box[]): readonly Edge[] {
  const edges = new Map<Box, Map<Box, Set<string>>>();
  for (const node of nodes) {
    const to = boxes[node.index] as Box;
    let into = edges.get(to);
    if (!into) {
      into = new Map();
      edges.set(to, into);
    }
    for (const { node: index, output } of node.inputs.flatMap(sourcesOf)) {
      const from = boxes[index] as Box;
      const outputs = into.get(from) ?? new Set();
      outputs.add(output);
      into.set(from, outputs);
    }
  }
  return [...edges].flatMap(([to, into]) =>
    [...into].map(([from, outputs]) => ({ from: from.name, to: to.name, outputs: [...outputs] })),
  );
}
