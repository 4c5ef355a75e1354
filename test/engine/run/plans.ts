import fc from 'fast-check';
import type { JsonObject } from '../../../src/engine/base/json.ts';
import { evenRetries } from '../../../src/engine/pipeline/stages/retry-policy.ts';
import type { NodeId, Plan, PlanInput, PlanNode, PlanStage, TransientOutputs } from '../../../src/engine/plan/plan.ts';
import type { Coordinates } from '../../../src/engine/stage/stage.ts';

/** A stage of a plan, with what a test does not care about filled in. */
export function planStage(name: string, changes: Partial<PlanStage> = {}): PlanStage {
  const range = { file: 'pipeline.yaml', line: 1, column: 1, length: name.length, lineText: name };
  return {
    name,
    range,
    places: { program: range, code: range, codeEntries: [], environment: range, executor: range },
    program: { kind: 'module', path: `stages/${name}.ts`, exportName: 'default' },
    outputs: { out: 'bytes' },
    resources: { threads: 1, memoryBytes: 0, gpus: 0 },
    timeoutSeconds: undefined,
    retries: evenRetries(0),
    executor: undefined,
    variables: [],
    secrets: [],
    undeclared: 'refuse',
    reproducible: true,
    compute: false,
    ...changes,
  };
}

export interface NodeSketch {
  readonly stage: PlanStage;
  readonly coordinates?: Coordinates;
  readonly params?: JsonObject;
  /** Ids of nodes whose output `out` is read; names of inputs are `in0`, `in1`, … */
  readonly reads?: readonly string[];
  readonly inputs?: readonly PlanInput[];
  readonly chain?: string;
}

const noParams: JsonObject = {};

/** A plan of nodes in topological order; ids are the stage and the coordinate values. */
export function planOf(sketches: readonly NodeSketch[], transient: TransientOutputs = new Map()): Plan {
  const nodes: PlanNode[] = [];
  for (const { stage, coordinates = {}, params = noParams, reads = [], inputs, chain } of sketches) {
    const read = reads.map((id, position): PlanInput => {
      const node = nodes.findIndex((candidate) => candidate.id === id);
      if (node < 0) throw new Error(`no node ${id} before this one`);
      return { kind: 'one', name: `in${position}`, source: { node, output: 'out' } };
    });
    nodes.push({
      id: [stage.name, ...Object.values(coordinates)].join('/') as NodeId,
      index: nodes.length,
      stage,
      coordinates,
      params,
      inputs: inputs ?? read,
      chain,
    });
  }
  return { nodes, targets: [], transient };
}

/** For each node, which earlier ones it reads; a node may read one several times, through inputs of both kinds. */
export const randomEdges: fc.Arbitrary<readonly (readonly number[])[]> = fc
  .integer({ min: 1, max: 14 })
  .chain((count) =>
    fc.tuple(
      ...Array.from({ length: count }, (_, index) =>
        index === 0 ? fc.constant([]) : fc.array(fc.nat(index - 1), { maxLength: 4 }),
      ),
    ),
  );

/** Nodes `n/0`, `n/1`, … of one stage with these edges: the first half of a node's reads one by one, the others gathered. */
export function planOfEdges(edges: readonly (readonly number[])[], stage = planStage('n')): Plan {
  return planOf(
    edges.map((above, index) => {
      const half = Math.ceil(above.length / 2);
      const reference = (node: number) => ({ node, output: 'out' });
      const single = above
        .slice(0, half)
        .map((node, position): PlanInput => ({ kind: 'one', name: `one${position}`, source: reference(node) }));
      const gathered: PlanInput = { kind: 'many', name: 'many', sources: above.slice(half).map(reference) };
      return { stage, coordinates: { index }, inputs: above.length > half ? [...single, gathered] : single };
    }),
  );
}
