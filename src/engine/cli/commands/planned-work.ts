import {
  forecastRestorations,
  type RestorationCost,
  type RestorationForecast,
} from '../../run/forecast-restorations.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import { type NodeState, survey } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import { type PlannedCause, type PlannedWork, plannedWork } from '../../views/explain/planned-work.ts';
import { StaleDescriber } from '../../views/explain/stale-describer.ts';
import { formatCount, formatSeconds, formatTable } from '../../views/terminal/format.ts';
import { line, printJson } from '../output.ts';

/** What a run would do: one row for each stage and reason. */
export async function printPlannedWork(
  request: RunRequest,
  store: Store,
  { json, jobs }: { readonly json: boolean; readonly jobs: number },
): Promise<void> {
  const states = survey(request, store);
  if (json) {
    printJson(statesJson(states, store));
    return;
  }
  const work = plannedWork(states, request, store, jobs);
  const describer = new StaleDescriber(store);
  const rows: string[][] = [];
  for (const { stage, cause, nodes, seconds } of work.groups) {
    const time = seconds > 0 ? `about ${formatSeconds(seconds)}` : '';
    rows.push([stage, formatCount(nodes.length, 'node'), time, await describeCause(cause, describer)]);
  }
  if (rows.length > 0) line(formatTable(rows, [1, 2]));
  const count = (wanted: NodeState['state']) => states.filter(({ state }) => state === wanted).length;
  for (const text of restorationLines(forecastRestorations(states, store))) line(text);
  line(`${count('stale')} to run, ${count('waiting')} depend on those, ${count('current')} up to date`);
  if (rows.length > 0) line(estimateLine(work, jobs));
}

/** What restoring evicted bytes will cost; empty where none are needed. */
export function restorationLines({ certain, possible }: RestorationForecast): readonly string[] {
  const cost = ({ nodes, seconds }: RestorationCost) =>
    `${formatCount(nodes.length, 'node')} up to date with evicted bytes: they took ${formatSeconds(seconds)} (${nodes[0]?.id}${nodes.length > 1 ? ' …' : ''})`;
  return [
    ...(certain.nodes.length > 0 ? [`to restore: ${cost(certain)}`] : []),
    ...(possible.nodes.length > 0 ? [`to restore if the waiting nodes run: ${cost(possible)}`] : []),
  ];
}

async function describeCause(cause: PlannedCause, describer: StaleDescriber): Promise<string> {
  if (cause.kind === 'other bytes') return `only if ${cause.from} gives other bytes`;
  const { reason } = cause;
  if (reason.rule !== 'inputs') return describer.describe(reason);
  const names = reason.changes.map(({ input }) => input);
  return `${names.length === 1 ? 'input' : 'inputs'} changed: ${names.join(', ')}`;
}

function estimateLine({ seconds, unmeasured, groups }: PlannedWork, jobs: number): string {
  const all = groups.reduce((sum, { nodes }) => sum + nodes.length, 0);
  if (unmeasured === all) return 'how long that takes is not known: nothing like it has run yet';
  const time = `${formatSeconds(seconds)} with ${formatCount(jobs, 'worker')}, if all of them run`;
  return unmeasured > 0
    ? `at least ${time}, not counting ${formatCount(unmeasured, 'node')} of a kind that has never run`
    : `about ${time}`;
}

/** All states, with the nodes to restore: `certain`, or `possible` if waiting nodes run. */
export function statesJson(states: readonly NodeState[], store: Store): readonly object[] {
  const { certain, possible } = forecastRestorations(states, store);
  const madeAgain = new Map([
    ...certain.nodes.map((node) => [node, 'certain'] as const),
    ...possible.nodes.map((node) => [node, 'possible'] as const),
  ]);
  return states.map((state) => {
    const again = madeAgain.get(state.node);
    return again ? { ...stateJson(state), madeAgain: again } : stateJson(state);
  });
}

/** A node's state in the form of `--json`. */
export function stateJson(state: NodeState): object {
  const { node } = state;
  switch (state.state) {
    case 'current':
      return { node: node.id, state: 'current', key: state.subject.key, outputs: state.outputs };
    case 'stale':
      return { node: node.id, state: 'stale', key: state.subject.key, reason: state.reason };
    case 'waiting':
      return { node: node.id, state: 'waiting', on: state.on.id };
  }
}
