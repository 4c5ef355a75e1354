import type { PlanNode } from '../../plan/plan.ts';
import { describeReason } from '../../run/describe-reason.ts';
import {
  forecastRestorations,
  type RestorationCost,
  type RestorationForecast,
} from '../../run/forecast-restorations.ts';
import type { RunRequest } from '../../run/subjects.ts';
import { type NodeState, survey } from '../../run/survey.ts';
import type { Store } from '../../store/store.ts';
import { formatCount, formatSeconds, formatTable } from '../../ui/format.ts';
import { line, printJson } from '../output.ts';

/** What a run would do: one row for each stage and reason. */
export function printPlannedWork(request: RunRequest, store: Store, json: boolean): void {
  const states = survey(request, store);
  if (json) {
    printJson(states.map(stateJson));
    return;
  }
  const groups = new Map<string, { stage: string; what: string; nodes: PlanNode[] }>();
  for (const state of states) {
    if (state.state === 'current') continue;
    const what = describePlanned(state, store);
    const name = `${state.node.stage.name}\0${what}`;
    const group = groups.get(name) ?? { stage: state.node.stage.name, what, nodes: [] };
    group.nodes.push(state.node);
    groups.set(name, group);
  }
  const count = (wanted: NodeState['state']) => states.filter(({ state }) => state === wanted).length;
  const rows = [...groups.values()].map(({ stage, what, nodes }) => [
    stage,
    formatCount(nodes.length, 'node'),
    nodes.length === 1 ? (nodes[0] as PlanNode).id : `${nodes[0]?.id} …`,
    what,
  ]);
  if (rows.length > 0) line(formatTable(rows, [1]));
  for (const text of restorationLines(forecastRestorations(states, store))) line(text);
  line(`${count('stale')} to run, ${count('waiting')} depend on those, ${count('current')} up to date`);
}

/** What it costs besides that bytes which were dropped are needed; nothing where none are. */
export function restorationLines({ certain, possible }: RestorationForecast): readonly string[] {
  const cost = ({ nodes, seconds }: RestorationCost) =>
    `${formatCount(nodes.length, 'node')} up to date, whose bytes were dropped: ${formatSeconds(seconds)} when they were made (${nodes[0]?.id}${nodes.length > 1 ? ' …' : ''})`;
  return [
    ...(certain.nodes.length > 0 ? [`to be made again besides: ${cost(certain)}`] : []),
    ...(possible.nodes.length > 0 ? [`to be made again if the waiting nodes run: ${cost(possible)}`] : []),
  ];
}

/** Why a node would run. One that waits for others is certain to run only if it has never been made. */
function describePlanned(state: Exclude<NodeState, { state: 'current' }>, store: Store): string {
  if (state.state === 'stale') return `runs: ${describeReason(state.reason)}`;
  if (store.lastKey(state.node.id) === undefined) return 'runs: never run';
  return `runs if ${state.on.stage.name} gives other bytes`;
}

/** A node's state in the form that `--json` shows it. */
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
