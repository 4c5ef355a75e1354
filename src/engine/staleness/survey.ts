import type { ArtefactDigest, NodeKey } from '../base/digest.ts';
import type { OutputReference, PlanInput, PlanNode } from '../plan/plan.ts';
import { inputNodes } from '../plan/sources.ts';
import { outputOrder } from '../store/output-order.ts';
import type { Store, Trace } from '../store/store.ts';
import { awaitedNodes, ChainEnds } from './chain-ends.ts';
import type { Cut } from './cut.ts';
import { judge, type StaleReason, type Subject } from './judge.ts';
import { NodeGroups } from './node-groups.ts';
import { presentSources } from './present-sources.ts';
import { type KnownNode, type KnownOutputs, type RunRequest, Subjects } from './subjects.ts';

/** The state of a node before anything runs. */
export type NodeState =
  | {
      readonly state: 'current';
      readonly node: PlanNode;
      readonly key: NodeKey;
      readonly subject: Subject;
      readonly outputs: readonly ArtefactDigest[];
      readonly seconds: number;
    }
  | {
      readonly state: 'stale';
      readonly node: PlanNode;
      readonly key: NodeKey;
      readonly subject: Subject;
      readonly reason: StaleReason;
    }
  /** Whether it has to run is known only once the stale nodes upstream have run: they may give the same bytes as before. */
  | { readonly state: 'waiting'; readonly node: PlanNode; readonly on: PlanNode }
  /** It is not executed: its chain has ended before, or what it reads is cut short. */
  | { readonly state: 'cutShort'; readonly node: PlanNode; readonly cut: Cut };

/** Whether a run executes the node, or may have to. */
export function mayRun({ state }: Pick<NodeState, 'state'>): boolean {
  return state === 'stale' || state === 'waiting';
}

/** Looks at every node of the plan in order, without running or writing anything. */
export function survey(request: RunRequest, store: Store): readonly NodeState[] {
  const states: NodeState[] = [];
  surveyEach(request.plan.nodes, new Subjects(request), [], store, (state) => states.push(state));
  return states;
}

/**
 * The same without a list of states: thousands of nodes are up to date, and a run needs little of them.
 *
 * @param known gets the outputs of nodes that are up to date, and why others are cut short
 * @param groups says afterwards what the store may remember
 */
export function surveyEach(
  nodes: readonly PlanNode[],
  subjects: Subjects,
  known: (KnownNode | undefined)[],
  store: Store,
  visit: (state: NodeState) => void,
  groups = new NodeGroups(nodes, subjects),
): void {
  /** For each node that is not up to date, the stale one that it depends on: itself, or one upstream. */
  const stale = new Map<number, PlanNode>();
  const plan = { subjects, known };
  const keyOf = (node: PlanNode) => (subjects.subject(node, known) as Subject).key;
  const ends = new ChainEnds(nodes, known, keyOf, store);
  for (const group of groups.all()) {
    const traces = groups.traces(group, known, store);
    for (let index = group.first; index < group.end; index++) {
      const node = nodes[index] as PlanNode;
      const trace = traces?.[index - group.first];
      const state = trace ? new CurrentNode(node, trace.key, trace, plan) : stateOf(node, plan, ends, stale, store);
      if (state.state === 'current') known[index] = state.outputs;
      else if (state.state === 'cutShort') known[index] = state.cut;
      else stale.set(index, state.state === 'waiting' ? state.on : node);
      visit(state);
    }
  }
}

function stateOf(
  node: PlanNode,
  { subjects, known }: { readonly subjects: Subjects; readonly known: KnownOutputs },
  ends: ChainEnds,
  stale: ReadonlyMap<number, PlanNode>,
  store: Store,
): NodeState {
  const waiting = (above: readonly number[]): NodeState => {
    const on = above.find((index) => stale.has(index)) as number;
    return { state: 'waiting', node, on: stale.get(on) as PlanNode };
  };
  if (ends.any) {
    if (ends.isOpen(node)) return waiting(awaitedNodes(node));
    const cut = ends.cut(node);
    if (cut) return { state: 'cutShort', node, cut };
  }
  const subject = subjects.subject(node, known);
  if (!subject) return waiting(inputNodes(node));
  const verdict = judge(subject, store);
  return verdict.status === 'current'
    ? new CurrentNode(node, subject.key, verdict.trace, { subjects, known })
    : { state: 'stale', node, key: subject.key, subject, reason: verdict.reason };
}

/** Few of thousands are asked for more than their outputs. */
class CurrentNode {
  readonly state = 'current';
  readonly node: PlanNode;
  readonly key: NodeKey;
  readonly outputs: readonly ArtefactDigest[];
  readonly seconds: number;
  readonly #plan: { readonly subjects: Subjects; readonly known: KnownOutputs };

  constructor(
    node: PlanNode,
    key: NodeKey,
    { outputs, seconds }: Trace,
    plan: { readonly subjects: Subjects; readonly known: KnownOutputs },
  ) {
    this.node = node;
    this.key = key;
    this.outputs = outputs;
    this.seconds = seconds;
    this.#plan = plan;
  }

  get subject(): Subject {
    const { subjects, known } = this.#plan;
    return subjects.subject(this.node, known) as Subject;
  }
}

/** The states of the nodes that the targets of the request name. */
export function statesOfTargets({ plan }: RunRequest, states: readonly NodeState[]): readonly NodeState[] {
  const named = new Set(plan.targets.flatMap(({ nodes }) => nodes));
  return states.filter(({ node }) => named.has(node.index));
}

/** The digest of an output of a node; undefined for one that is not up to date, or has no such output. */
export function outputOf(state: NodeState | undefined, output: string): ArtefactDigest | undefined {
  if (state?.state !== 'current') return undefined;
  return state.outputs[outputOrder(state.node.stage.outputs).indexOf(output)];
}

/** The outputs that an input reads, as far as it is known which nodes are cut short. */
export function sourcesIn(states: readonly NodeState[], input: PlanInput): readonly OutputReference[] {
  const chainOf = (index: number) => states[index]?.node.chain;
  return presentSources(input, chainOf, (index) => states[index]?.state === 'cutShort');
}
