import type { ArtefactDigest, CodeFingerprint } from '../base/digest.ts';
import type { JsonObject } from '../base/json.ts';
import type { ComputeIdentity } from '../contract/stage.ts';
import { type KeyInput, nodeKey, type StageKey, stageKey } from '../keys/node-key.ts';
import type { OutputReference, Plan, PlanNode, PlanStage } from '../plan/plan.ts';
import { outputOrder } from '../store/output-order.ts';
import type { Subject } from './staleness.ts';

/** What a run is asked for, once every name in it is resolved. */
export interface RunRequest {
  readonly plan: Plan;
  readonly fingerprints: ReadonlyMap<PlanStage, CodeFingerprint>;
  readonly compute: ComputeIdentity;
  /** Names of stages whose nodes run even if they are up to date. */
  readonly forced: ReadonlySet<string>;
}

/** The output digests of finished nodes, by node index; `undefined` for the others. */
export type KnownOutputs = ReadonlyArray<readonly ArtefactDigest[] | undefined>;

/** Computes keys; what nodes of a stage have in common is hashed once. */
export class Subjects {
  private readonly request: RunRequest;
  private readonly stageKeys = new Map<PlanStage, WeakMap<JsonObject, StageKey>>();
  private readonly outputPositions = new Map<PlanStage, ReadonlyMap<string, number>>();

  constructor(request: RunRequest) {
    this.request = request;
  }

  /** The node with its key, or nothing as long as an input is not known. */
  subject(node: PlanNode, known: KnownOutputs): Subject | undefined {
    const inputs: KeyInput[] = [];
    for (const input of node.inputs) {
      if (input.kind === 'one') {
        const digest = this.digest(input.source, known);
        if (!digest) return undefined;
        inputs.push({ kind: 'one', name: input.name, digest });
      } else {
        const items: { coordinates: PlanNode['coordinates']; digest: ArtefactDigest }[] = [];
        for (const source of input.sources) {
          const digest = this.digest(source, known);
          if (!digest) return undefined;
          items.push({ coordinates: this.node(source.node).coordinates, digest });
        }
        inputs.push({ kind: 'many', name: input.name, items });
      }
    }
    const compute = node.stage.compute ? this.request.compute : undefined;
    const code = this.request.fingerprints.get(node.stage) as CodeFingerprint;
    const key = nodeKey(this.stageKey(node, code, compute), node.coordinates, inputs);
    return { node, key, code, compute, inputs, forced: this.request.forced.has(node.stage.name) };
  }

  /** The digest of an output, once its node is finished. */
  digest({ node, output }: OutputReference, known: KnownOutputs): ArtefactDigest | undefined {
    const outputs = known[node];
    return outputs?.[this.position(this.node(node).stage, output)];
  }

  private node(index: number): PlanNode {
    return this.request.plan.nodes[index] as PlanNode;
  }

  private position(stage: PlanStage, output: string): number {
    let positions = this.outputPositions.get(stage);
    if (!positions) {
      positions = new Map(outputOrder(stage.outputs).map((name, index) => [name, index]));
      this.outputPositions.set(stage, positions);
    }
    return positions.get(output) as number;
  }

  private stageKey(node: PlanNode, code: CodeFingerprint, compute: ComputeIdentity | undefined): StageKey {
    let byParams = this.stageKeys.get(node.stage);
    if (!byParams) {
      byParams = new WeakMap();
      this.stageKeys.set(node.stage, byParams);
    }
    let key = byParams.get(node.params);
    if (!key) {
      key = stageKey(node.stage, code, node.params, compute);
      byParams.set(node.params, key);
    }
    return key;
  }
}
