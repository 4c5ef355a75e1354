import type { OutputReference, PlanNode } from '../plan/plan.ts';
import { sourcesOf } from '../plan/sources.ts';
import type { StartReason } from '../staleness/work.ts';
import type { RunState } from './run-state.ts';
import type { Task } from './task.ts';

/** However short nodes are, a slot gets no more for each second of work that it should have: what it has is lost with it. */
export const MOST_A_SECOND = 32;

/** The same key as before most likely gives the same bytes: then the next step is up to date, and nobody has to execute it. */
const SAME_KEY: ReadonlySet<StartReason['rule']> = new Set(['quarantined', 'lost', 'software']);

/**
 * The next steps of a task's chain that are sent with it, where the weights are: as many as together take no longer than the work which its executor
 * wants on its way. So one long node travels alone. All that they read is there, or made by steps before them.
 */
export function stepsAhead(
  state: RunState,
  { subject: { node }, purpose, reason, isRefused, isAlone }: Task,
): readonly PlanNode[] {
  // After a loss, a task must be alone.
  if (isRefused || isAlone || purpose.kind !== 'record' || SAME_KEY.has(reason.rule)) return [];
  const steps = stepsThatFit(state, node);
  const end = steps.findIndex((step) => !state.isSentAhead(step) && !isReady(state, step, node));
  return end < 0 ? steps : steps.slice(0, end);
}

/** Seconds of a node with the steps that may travel with it; undefined while nobody knows. */
export function secondsOfUnit(state: RunState, node: PlanNode): number | undefined {
  const seconds = state.expected.of(node);
  return seconds === undefined ? undefined : seconds * (1 + stepsThatFit(state, node).length);
}

function stepsThatFit({ nodes, expected, targetOf }: RunState, node: PlanNode): readonly PlanNode[] {
  const seconds = expected.of(node);
  const target = targetOf(node);
  if (node.chain === undefined || seconds === undefined || target === undefined) return [];
  const most = Math.min(Math.floor(target / seconds) - 1, Math.ceil(target * MOST_A_SECOND));
  const steps: PlanNode[] = [];
  // Whether a step behind a gate is there is known once the steps before it are done.
  for (let next = nodes[node.index + 1]; next?.chain === node.chain && !next.gate && steps.length < most; ) {
    steps.push(next);
    next = nodes[next.index + 1];
  }
  return steps;
}

/** Whether what a step reads is there, apart from what the steps make that are sent before it. */
function isReady(state: RunState, step: PlanNode, first: PlanNode): boolean {
  const isMadeBefore = ({ node }: OutputReference) => node >= first.index && state.nodes[node]?.chain === first.chain;
  const others = step.inputs.flatMap(sourcesOf).filter((source) => !isMadeBefore(source));
  return others.every(({ node }) => Array.isArray(state.known.outputs[node])) && state.lacking(others).length === 0;
}
