import type { PlanNode } from '../../plan/plan.ts';
import { sourcesOf } from '../../plan/sources.ts';
import { durationName } from '../../run/priorities.ts';
import { criticalPath } from './critical-path.ts';
import { graphLayout } from './graph-layout.ts';
import {
  type CriticalPath,
  type Overview,
  type RunHead,
  STATES,
  type StageEdge,
  type StageSummary,
} from './protocol.ts';
import type { NodeTable } from './run/node-table.ts';
import { type RunView, versionOf } from './run/run-view.ts';

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
  const { table, states } = view;
  const stages = stageSummaries(view, durations);
  const edges = stageEdges(table);
  const [layout, tallLayout] = await Promise.all([graphLayout(stages, edges, 'LR'), graphLayout(stages, edges, 'TB')]);
  return {
    ...facts,
    head,
    stages,
    edges,
    layout,
    tallLayout,
    criticalPath: keptCriticalPath(view, durations),
    running: states.runningNodes(),
    lanes: states.lanes,
    versionId: versionOf(view),
  };
}

function stageSummaries(
  { table, states }: RunView,
  durations: Readonly<Record<string, number>>,
): readonly StageSummary[] {
  return table.stages.map(({ name, nodes, coordinates, kind }, stage) => ({
    name,
    nodes: nodes.length,
    counts: [...(states.counts[stage] ?? [])],
    meanSeconds: states.meanSeconds(stage) ?? meanOf(name, durations),
    coordinates,
    kind,
  }));
}

/** Durations are kept by stage and first coordinate. */
function meanOf(stage: string, durations: Readonly<Record<string, number>>): number | null {
  const known = Object.entries(durations).filter(([name]) => name === stage || name.startsWith(`${stage}/`));
  return known.length > 0 ? known.reduce((sum, [, seconds]) => sum + seconds, 0) / known.length : null;
}

const edgesOf = new WeakMap<NodeTable, readonly StageEdge[]>();

/** Between stages; a chain within one is not drawn. They do not change: a plan of 100,000 nodes is looked through once. */
function stageEdges(table: NodeTable): readonly StageEdge[] {
  const known = edgesOf.get(table);
  if (known) return known;
  const edges = new Map<number, { from: number; to: number; outputs: Set<string> }>();
  for (const node of table.plan?.nodes ?? []) {
    const to = table.stageOf[node.index] as number;
    for (const input of node.inputs) {
      for (const source of sourcesOf(input)) {
        const from = table.stageOf[source.node] as number;
        if (from === to) continue;
        const name = from * table.stages.length + to;
        const edge = edges.get(name) ?? { from, to, outputs: new Set() };
        edge.outputs.add(source.output);
        edges.set(name, edge);
      }
    }
  }
  const found = [...edges.values()].map(({ outputs, ...edge }) => ({ ...edge, outputs: [...outputs] }));
  edgesOf.set(table, found);
  return found;
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
