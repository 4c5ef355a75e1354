import type { PlanInput, PlanNode } from '../plan/plan.ts';
import { mayRun, type NodeState } from './survey.ts';

/** The waiting nodes that may turn out to be cut short: nobody knows yet whether their chains go on, or those of what they read. */
export function nodesThatMayBeCut(states: readonly NodeState[]): ReadonlySet<PlanNode> {
  const found = new Set<PlanNode>();
  const isOpen = (index: number): boolean => {
    const state = states[index];
    return state !== undefined && mayRun(state);
  };
  const mayLack = (index: number): boolean => {
    const state = states[index];
    return state !== undefined && (state.state === 'cutShort' || found.has(state.node));
  };
  const mayCut = (input: PlanInput): boolean =>
    input.kind === 'one' ? mayLack(input.source.node) : input.sources.every(({ node }) => mayLack(node));
  for (const { state, node } of states) {
    if (state !== 'waiting') continue;
    const { gate } = node;
    const isUndecided = gate !== undefined && [gate.after, ...(gate.rung?.candidates ?? [])].some(isOpen);
    if (isUndecided || node.inputs.some(mayCut)) found.add(node);
  }
  return found;
}
