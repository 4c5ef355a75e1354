import { forecastRestorations } from '../../run/forecast-restorations.ts';
import { nodesThatMayBeCut } from '../../staleness/may-be-cut.ts';
import type { NodeState } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';

/** All states, with the nodes to restore: `certain`, or `possible` if waiting nodes run. */
export function statesJson(states: readonly NodeState[], store: Store): readonly object[] {
  const { certain, possible } = forecastRestorations(states, store);
  const restored = new Map([
    ...certain.nodes.map((node) => [node, 'certain'] as const),
    ...possible.nodes.map((node) => [node, 'possible'] as const),
  ]);
  const mayBeCut = nodesThatMayBeCut(states);
  return states.map((state) => {
    const again = restored.get(state.node);
    const told = mayBeCut.has(state.node) ? { ...stateJson(state), mayBeCutShort: true } : stateJson(state);
    return again ? { ...told, restored: again } : told;
  });
}

/** A node's state in the form of `--json`. */
export function stateJson(state: NodeState): object {
  const { node } = state;
  switch (state.state) {
    case 'current':
      return { node: node.id, state: 'current', key: state.key, outputs: state.outputs };
    case 'stale':
      return { node: node.id, state: 'stale', key: state.key, reason: state.reason };
    case 'waiting':
      return { node: node.id, state: 'waiting', on: state.on.id };
    case 'cutShort':
      return { node: node.id, state: 'cutShort', after: state.cut.after.id, reason: state.cut.reason };
  }
}
