import type { ArtefactDigest, NodeKey } from '../base/digest.ts';
import type { OutputReference, PlanInput, PlanNode } from '../plan/plan.ts';
import { outputOrder } from '../store/output-order.ts';
import type { Store, Trace } from '../store/store.ts';
import { awaitedNodes } from './chain-ends.ts';
import { Cut } from './cut.ts';
import { KnownNodes } from './known-nodes.ts';
import { presentSources } from './present-sources.ts';
import type { StaleReason } from './stale-reason.ts';
import { type RunRequest, type Subject, Subjects } from './subjects.ts';

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
  surveyEach(new KnownNodes(request.plan.nodes, new Subjects(request), store), (state) => states.push(state));
  return states;
}

/**
 * The same without a list of states: thousands of nodes are up to date, and a run needs little of them.
 *
 * @param known gets the outputs of nodes that are up to date, and why others are cut short
 */
export function surveyEach(known: KnownNodes, visit: (state: NodeState) => void): void {
  const { nodes, groups, outputs, store } = known;
  /** For each node that is not up to date, the stale one that it depends on: itself, or one upstream. */
  const stale = new Map<number, PlanNode>();
  for (const group of groups.all()) {
    const traces = groups.traces(group, outputs, store);
    for (let index = group.first; index < group.end; index++) {
      const node = nodes[index] as PlanNode;
      const trace = traces?.[index - group.first];
      const state = trace ? new CurrentNode(node, trace.key, trace, known) : stateOf(node, known, stale);
      if (state.state === 'current') outputs[index] = state.outputs;
      else if (state.state === 'cutShort') outputs[index] = state.cut;
      else stale.set(index, state.state === 'waiting' ? state.on : node);
      visit(state);
    }
  }
}

function stateOf(node: PlanNode, known: KnownNodes, stale: ReadonlyMap<number, PlanNode>): NodeState {
  const found = known.lookAt(node);
  if (!found) {
    const above = awaitedNodes(node).find((index) => stale.has(index)) as number;
    return { state: 'waiting', node, on: stale.get(above) as PlanNode };
  }
  if (found instanceof Cut) return { state: 'cutShort', node, cut: found };
  const { subject, verdict } = found;
  return verdict.status === 'current'
    ? new CurrentNode(node, subject.key, verdict.trace, known)
    : { state: 'stale', node, key: subject.key, subject, reason: verdict.reason };
}

/** Few of thousands are asked for more than their outputs. */
class CurrentNode {
  readonly state = 'current';
  readonly node: PlanNode;
  readonly key: NodeKey;
  readonly outputs: readonly ArtefactDigest[];
  readonly seconds: number;
  readonly #known: KnownNodes;

  constructor(node: PlanNode, key: NodeKey, { outputs, seconds }: Trace, known: KnownNodes) {
    this.node = node;
    this.key = key;
    this.outputs = outputs;
    this.seconds = seconds;
    this.#known = known;
  }

  get subject(): Subject {
    return this.#known.subject(this.node);
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
