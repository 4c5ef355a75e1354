import type { NodeId, Plan, PlanNode } from '../../../plan/plan.ts';
import type { Coordinate } from '../../../stage/stage.ts';
import { stageOf as stageName } from '../../runs/stage-of.ts';
import type { StageSummary } from '../protocol.ts';

/** A stage of a run. */
export interface TableStage extends Pick<StageSummary, 'name' | 'coordinates' | 'kind'> {
  /** Positions of its nodes, ascending. */
  readonly nodes: readonly number[];
}

/** The nodes of a run, which do not change while it runs. */
export interface NodeTable {
  /** In the order of the plan. */
  readonly ids: readonly NodeId[];
  readonly stages: readonly TableStage[];
  /** By node: its stage's position in `stages`. */
  readonly stageOf: Uint32Array;
  /** Where the pipeline file still gives these nodes. */
  readonly plan: Plan | undefined;
  coordinatesOf(index: number): readonly Coordinate[];
  indexOf(id: string): number | undefined;
}

/** @param plan of the pipeline as it is now; left out where it has other nodes */
export function nodeTable(ids: readonly NodeId[], plan: Plan | undefined): NodeTable {
  const fitting = plan && isSame(ids, plan) ? plan : undefined;
  const stages = new Map<string, { position: number; nodes: number[]; first: number }>();
  const stageOf = new Uint32Array(ids.length);
  for (const [index, id] of ids.entries()) {
    const name = fitting ? (fitting.nodes[index] as PlanNode).stage.name : stageName(id);
    let stage = stages.get(name);
    if (!stage) {
      stage = { position: stages.size, nodes: [], first: index };
      stages.set(name, stage);
    }
    stage.nodes.push(index);
    stageOf[index] = stage.position;
  }
  let positions: Map<string, number> | undefined;
  const parts = (index: number) => (ids[index] as string).split('/').slice(1);
  return {
    ids,
    stages: [...stages].map(([name, { nodes, first }]) => {
      const node = fitting?.nodes[first];
      return {
        name,
        nodes,
        // Without the plan, nobody knows their names.
        coordinates: node ? Object.keys(node.coordinates) : parts(first).map((_, at) => `coordinate ${at + 1}`),
        kind: node?.stage.program.kind ?? 'unknown',
      };
    }),
    stageOf,
    plan: fitting,
    coordinatesOf: (index) => (fitting ? Object.values((fitting.nodes[index] as PlanNode).coordinates) : parts(index)),
    indexOf(id) {
      positions ??= new Map(ids.map((each, index) => [each, index]));
      return positions.get(id);
    },
  };
}

function isSame(ids: readonly NodeId[], { nodes }: Plan): boolean {
  return ids.length === nodes.length && nodes.every(({ id }, index) => id === ids[index]);
}
