import type { PlanNode } from '../../plan/plan.ts';
import { durationName } from '../../run/durations.ts';
import { criticalPath } from './critical-path.ts';
import { type CriticalPath, type Overview, type RunHead, STATES } from './protocol.ts';
import type { NodeTable } from './run/node-table.ts';
import { type RunView, versionOf } from './run/run-view.ts';
import { stageGraph } from './stage-graph.ts';

const OPEN = ['waiting', 'stale', 'running'].map((state) => STATES.indexOf(state as (typeof STATES)[number]));

/** What the overview says about the project, whichever run it shows. */
export type ProjectFacts = Pick<Overview, 'project' | 'version' | 'mayAct' | 'targets' | 'profiles'>;

/** @param durations mean seconds of earlier nodes, by the name under which they are kept */
export async function overview(
  view: RunView,
  head: RunHead,
  facts: ProjectFacts,
  durations: Readonly<Record<string, number>>,
): Promise<Overview> {
  const { states } = view;
  return {
    ...facts,
    head,
    ...(await stageGraph(view, durations)),
    criticalPath: keptCriticalPath(view, durations),
    running: states.runningNodes(),
    lanes: states.lanes,
    versionId: versionOf(view),
  };
}

/** It needs a pass over all edges, and is good enough for some seconds. */
const KEPT_MS = 3000;

const criticalPaths = new WeakMap<
  NodeTable,
  { readonly at: number; readonly state: string; readonly path: CriticalPath | null }
>();

function keptCriticalPath(view: RunView, durations: Readonly<Record<string, number>>): CriticalPath | null {
  const { table, state } = view;
  const kept = criticalPaths.get(table);
  if (kept?.state === state && Date.now() - kept.at < KEPT_MS) return kept.path;
  const path = criticalPathOf(view, durations);
  criticalPaths.set(table, { at: Date.now(), state, path });
  return path;
}

function criticalPathOf(
  { run, state, table, states }: RunView,
  durations: Readonly<Record<string, number>>,
): CriticalPath | null {
  const { plan } = table;
  if (!plan) return null;
  if (!run || state === 'running' || state === 'stopping') {
    return criticalPath(plan.nodes, 'remaining', (index) =>
      OPEN.includes(states.states[index] as number) ? (durations[durationName(plan.nodes[index] as PlanNode)] ?? 0) : 0,
    );
  }
  return criticalPath(plan.nodes, 'taken', (index) => states.seconds[index] || 0);
}
