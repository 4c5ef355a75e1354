import type { Plan } from '../../../plan/plan.ts';
import { durationName, knownDurations } from '../../../run/durations.ts';
import type { NodeState } from '../../../staleness/survey.ts';
import type { Store } from '../../../store/store.ts';
import { type Result, STATES } from '../protocol.ts';
import { nodeTable } from './node-table.ts';
import { RunStates } from './run-states.ts';
import type { RunView } from './run-view.ts';

/** The pipeline as it is now. @param found the states of all nodes of the plan, in its order */
export function surveyView(plan: Plan, found: readonly NodeState[], store: Store): RunView {
  const table = nodeTable(
    plan.nodes.map(({ id }) => id),
    plan,
  );
  const durations = knownDurations(plan.nodes, store);
  const states = new RunStates(table, 1, durations, (index) => {
    const node = plan.nodes[index];
    return node && durations[durationName(node)];
  });
  states.settle(Uint8Array.from(found, digitOf), [], 1);
  return {
    run: undefined,
    state: 'none',
    table,
    states,
    manifest: undefined,
    live: undefined,
    keyOf: (index) => {
      const state = found[index];
      return state?.state === 'current' ? state.key : undefined;
    },
  };
}

/** What pages call the states of nodes before anything runs. */
export const STATE_NAMES: Readonly<Record<NodeState['state'], Result['state']>> = {
  current: 'up to date',
  stale: 'stale',
  waiting: 'waiting',
  cutShort: 'cut short',
};

function digitOf({ state }: NodeState): number {
  return STATES.indexOf(STATE_NAMES[state]);
}
