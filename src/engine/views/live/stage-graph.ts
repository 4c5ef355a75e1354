import { sourcesOf } from '../../plan/sources.ts';
import { graphLayout } from './graph-layout.ts';
import type { StageEdge, StageGraph, StageSummary } from './protocol.ts';
import type { NodeTable } from './run/node-table.ts';
import type { RunView } from './run/run-view.ts';

/**
 * The stages of a run, and what flows between them.
 * @param durations mean seconds of earlier nodes, by the name under which they are kept
 */
export async function stageGraph(view: RunView, durations: Readonly<Record<string, number>>): Promise<StageGraph> {
  const stages = stageSummaries(view, durations);
  const edges = stageEdges(view.table);
  const [layout, tallLayout] = await Promise.all([graphLayout(stages, edges, 'LR'), graphLayout(stages, edges, 'TB')]);
  return { stages, edges, layout, tallLayout };
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
