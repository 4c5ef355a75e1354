import type { PlanNode } from '../plan/plan.ts';
import { type NodeState, outputOf, sourcesIn } from '../staleness/survey.ts';
import type { Store } from '../store/store.ts';

/** Nodes that are up to date and will be restored, because their bytes are missing and other nodes need them. */
export interface RestorationForecast {
  /** For nodes that are certain to run. */
  readonly certain: RestorationCost;
  /** Additional ones if the waiting nodes run too. */
  readonly possible: RestorationCost;
}

export interface RestorationCost {
  readonly nodes: readonly PlanNode[];
  /** Seconds that they took when they were made, in sum. */
  readonly seconds: number;
}

/** Follows missing bytes upstream from the nodes that will run. */
export function forecastRestorations(states: readonly NodeState[], store: Store): RestorationForecast {
  const found = new Set<number>();
  const follow = (kind: 'stale' | 'waiting'): RestorationCost => {
    const nodes: PlanNode[] = [];
    const open = states.filter(({ state }) => state === kind).map(({ node }) => node);
    for (const node of open) {
      for (const source of lackingSources(node, states, store)) {
        if (found.has(source.index)) continue;
        found.add(source.index);
        nodes.push(source);
        open.push(source);
      }
    }
    return { nodes, seconds: nodes.reduce((sum, { index }) => sum + secondsOf(states[index]), 0) };
  };
  return { certain: follow('stale'), possible: follow('waiting') };
}

function lackingSources({ inputs }: PlanNode, states: readonly NodeState[], store: Store): readonly PlanNode[] {
  const lacking: PlanNode[] = [];
  for (const { node: index, output } of inputs.flatMap((input) => sourcesIn(states, input))) {
    const state = states[index];
    // The bytes of a stale node will be there when it has run.
    const digest = outputOf(state, output);
    if (state && digest && !store.hasArtefact(digest)) lacking.push(state.node);
  }
  return lacking;
}

function secondsOf(state: NodeState | undefined): number {
  return state?.state === 'current' ? state.seconds : 0;
}
