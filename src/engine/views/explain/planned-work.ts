import type { PlanNode } from '../../plan/plan.ts';
import { durationName, knownDurations } from '../../run/durations.ts';
import type { RestorationForecast } from '../../run/forecast-restorations.ts';
import { criticalPaths } from '../../run/priorities.ts';
import type { StaleReason } from '../../staleness/stale-reason.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import type { NodeState } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import { ownDifference } from './own-difference.ts';

/** Why nodes of a stage would run. */
export type PlannedCause =
  | { readonly kind: 'reason'; readonly reason: StaleReason }
  /** They run only if nodes of this stage, which run before them, give other bytes than the last time. */
  | { readonly kind: 'other bytes'; readonly from: string };

/** Nodes of one stage that would run for the same reason. */
export interface PlannedGroup {
  readonly stage: string;
  readonly cause: PlannedCause;
  readonly nodes: readonly PlanNode[];
  /** Seconds of their last executions, or of similar nodes'. */
  readonly seconds: number;
}

export interface PlannedWork {
  readonly groups: readonly PlannedGroup[];
  /** How long all of it would take, at most, with the nodes that are restored for it. */
  readonly seconds: number;
  /** How many of the nodes are of a kind that has never run: the estimate does not include them. */
  readonly unmeasured: number;
}

/** What a run would do, by stage and reason, and how long that would take with a number of workers. */
export function plannedWork(
  states: readonly NodeState[],
  request: RunRequest,
  { certain, possible }: RestorationForecast,
  store: Store,
  jobs: number,
): PlannedWork {
  const durations = knownDurations(
    states.map(({ node }) => node),
    store,
  );
  const groups = new Map<string, { stage: string; cause: PlannedCause; nodes: PlanNode[]; seconds: number }>();
  const seconds = new Float64Array(states.length);
  let unmeasured = 0;
  for (const state of states) {
    if (state.state === 'current' || state.state === 'cutShort') continue;
    const { node } = state;
    const cause = causeOf(state, request, states, store);
    const name = `${node.stage.name}\0${signature(cause)}`;
    const group = groups.get(name) ?? { stage: node.stage.name, cause, nodes: [], seconds: 0 };
    groups.set(name, group);
    group.nodes.push(node);
    const known = durations[durationName(node)];
    if (known === undefined) unmeasured++;
    group.seconds += known ?? 0;
    seconds[node.index] = known ?? 0;
  }
  for (const { index } of [...certain.nodes, ...possible.nodes]) {
    const state = states[index];
    if (state?.state === 'current') seconds[index] = state.seconds;
  }
  const total = seconds.reduce((sum, each) => sum + each, 0);
  const nodes = states.map(({ node }) => node);
  const longest = criticalPaths(nodes, ({ index }) => seconds[index] ?? 0).reduce((a, b) => Math.max(a, b), 0);
  return { groups: [...groups.values()], seconds: Math.max(longest, total / jobs), unmeasured };
}

function causeOf(
  state: Extract<NodeState, { state: 'stale' | 'waiting' }>,
  request: RunRequest,
  states: readonly NodeState[],
  store: Store,
): PlannedCause {
  if (state.state === 'stale') return { kind: 'reason', reason: state.reason };
  const reason = ownDifference(state.node, request, states, store);
  return reason ? { kind: 'reason', reason } : { kind: 'other bytes', from: state.on.stage.name };
}

/** What has to be equal for two nodes to run for the same reason. For inputs it is which ones changed, not to what. */
function signature(cause: PlannedCause): string {
  if (cause.kind === 'other bytes') return `other bytes ${cause.from}`;
  const { reason } = cause;
  return reason.rule === 'inputs' ? `inputs ${reason.changes.map(({ input }) => input)}` : JSON.stringify(reason);
}
