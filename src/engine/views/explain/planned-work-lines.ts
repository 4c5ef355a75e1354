import { isSource } from '../../plan/is-source.ts';
import {
  forecastRestorations,
  type RestorationCost,
  type RestorationForecast,
} from '../../run/forecast-restorations.ts';
import { describeFiles } from '../../staleness/describe-files.ts';
import { nodesThatMayBeCut } from '../../staleness/may-be-cut.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import { mayRun, type NodeState } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import { formatCount, formatSeconds, formatTable } from '../terminal/format.ts';
import { type PlannedCause, type PlannedWork, plannedWork } from './planned-work.ts';
import { StaleDescriber } from './stale-describer.ts';

/** What a run would do: one row for each stage and reason. */
export async function plannedWorkLines(
  request: RunRequest,
  states: readonly NodeState[],
  store: Store,
  jobs: number,
): Promise<readonly string[]> {
  const restorations = forecastRestorations(states, store);
  const work = plannedWork(states, request, restorations, store, jobs);
  const describer = new StaleDescriber(store);
  const rows: string[][] = [];
  for (const { stage, cause, nodes, seconds } of work.groups) {
    const time = seconds > 0 ? `about ${formatSeconds(seconds)}` : '';
    rows.push([stage, formatCount(nodes.length, 'node'), time, await describeCause(cause, describer)]);
  }
  const count = (wanted: NodeState['state']) => states.filter(({ state }) => state === wanted).length;
  const cut = count('cutShort');
  return [
    ...(rows.length > 0 ? [formatTable(rows, [1, 2])] : []),
    ...linesOf(restorations),
    `${count('stale')} to run, ${count('waiting')} depend on those, ${count('current')} up to date${cut > 0 ? `, ${cut} cut short` : ''}`,
    ...boundLines(states),
    ...(rows.length > 0 ? [estimateLine(work, jobs)] : []),
  ];
}

/** How many nodes run at most, where chains may end early. */
function boundLines(states: readonly NodeState[]): readonly string[] {
  const may = nodesThatMayBeCut(states).size;
  if (may === 0) return [];
  const most = states.filter(mayRun).length;
  return [`at most ${formatCount(most, 'node')}: the chains of ${may} may have ended before ("stop")`];
}

/** What restoring evicted bytes will cost; empty where none are needed. */
export function restorationLines(states: readonly NodeState[], store: Store): readonly string[] {
  return linesOf(forecastRestorations(states, store));
}

function linesOf({ certain, possible }: RestorationForecast): readonly string[] {
  const made = ({ nodes }: RestorationCost) => nodes.filter((node) => !isSource(node));
  const cost = (all: RestorationCost) => {
    const { seconds } = all;
    const nodes = made(all);
    return `${formatCount(nodes.length, 'node')} up to date with evicted bytes: they took ${formatSeconds(seconds)} (${nodes[0]?.id}${nodes.length > 1 ? ' …' : ''})`;
  };
  const sources = [...certain.nodes, ...possible.nodes].filter(isSource);
  return [
    ...(sources.length > 0 ? [`to take into the cache: ${sources.map(({ id }) => id).join(', ')}`] : []),
    ...(made(certain).length > 0 ? [`to restore: ${cost(certain)}`] : []),
    ...(made(possible).length > 0 ? [`to restore if the waiting nodes run: ${cost(possible)}`] : []),
  ];
}

async function describeCause(cause: PlannedCause, describer: StaleDescriber): Promise<string> {
  if (cause.kind === 'other bytes') return `only if ${cause.from} gives other bytes`;
  const { reason } = cause;
  if (reason.rule !== 'inputs') return describer.describe(reason);
  const names = reason.changes.map(({ input, files }) => (files ? `${input} (${describeFiles(files)})` : input));
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
