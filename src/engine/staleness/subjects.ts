import type { ArtefactDigest, CodeFingerprint, NodeKey } from '../base/digest.ts';
import type { JsonObject } from '../base/json.ts';
import { NO_ENGINE } from '../keys/javascript-engine.ts';
import type { MachineIdentity } from '../keys/machine-identity.ts';
import { type KeyInput, nodeKey, type StageKey, type StageSurroundings, stageKey } from '../keys/node-key.ts';
import type { OutputReference, Plan, PlanInput, PlanNode, PlanStage } from '../plan/plan.ts';
import type { ComputeIdentity } from '../stage/stage.ts';
import { outputOrder } from '../store/output-order.ts';
import { Cut } from './cut.ts';
import type { DirectoryChanges } from './directory-changes.ts';
import type { InstalledSoftware } from './installed-software.ts';

/** What a run is asked for, once every name in it is resolved. */
export interface RunRequest {
  readonly plan: Plan;
  readonly fingerprints: ReadonlyMap<PlanStage, CodeFingerprint>;
  readonly compute: ComputeIdentity;
  /** Where stages compute with different ones: of these stages. */
  readonly computeOf?: ReadonlyMap<PlanStage, ComputeIdentity>;
  /** Of stages that an executor executes, if their keys name its machine. */
  readonly machines?: ReadonlyMap<PlanStage, ExecutorMachine>;
  /** The JavaScript engine that stages run in: the value of `JAVASCRIPT_ENGINE`. */
  readonly engine: string;
  /** The GPUs of this machine: the value of `gpuIdentity`, if a stage asks for some. */
  readonly gpus?: string | undefined;
  /** The identities of the environments of commands. */
  readonly environments?: ReadonlyMap<PlanStage, string>;
  /** Environment variables, of which a stage sees those that it declares. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names of stages whose nodes run even if they are up to date. */
  readonly forced: ReadonlySet<string>;
  /** Names the files that differ in directories. Without it, reasons do not. */
  readonly directories?: DirectoryChanges;
  /** Looks up the software that commands used. */
  readonly software?: InstalledSoftware;
}

/** What the units of an executor compute with. */
export interface ExecutorMachine extends MachineIdentity {
  /** Whether this machine has the same. Then it may execute what the executor refuses. */
  readonly isAsHere: boolean;
  /** The file that keeps its answer. */
  readonly file: string;
}

/** What decides keys in addition to the plan. */
export type KeyIngredients = Pick<
  RunRequest,
  'fingerprints' | 'compute' | 'computeOf' | 'machines' | 'engine' | 'gpus' | 'environments' | 'environment'
>;

/** By node index: the output digests of finished nodes, why others are cut short, and `undefined` for those of which nothing is known. */
export type KnownOutputs = ReadonlyArray<KnownNode | undefined>;

export type KnownNode = readonly ArtefactDigest[] | Cut;

/** A node whose inputs are known: everything that decides whether it has to run. */
export interface Subject {
  readonly node: PlanNode;
  readonly key: NodeKey;
  readonly code: CodeFingerprint;
  readonly compute: ComputeIdentity | undefined;
  readonly surroundings: StageSurroundings;
  readonly inputs: readonly KeyInput[];
  readonly forced: boolean;
  /** Names the files that differ in directories. */
  readonly directories?: DirectoryChanges | undefined;
  /** Looks up the software that results were made with. Without it, only keys decide. */
  readonly software?: InstalledSoftware | undefined;
}

/** What the keys of a stage's nodes share. */
interface StageFacts {
  readonly stage: PlanStage;
  readonly code: CodeFingerprint;
  readonly compute: ComputeIdentity | undefined;
  readonly surroundings: StageSurroundings;
  readonly forced: boolean;
  /** The position of an output in the list of a node's outputs. */
  readonly positions: ReadonlyMap<string, number>;
  readonly keys: WeakMap<JsonObject, StageKey>;
}

/** Computes keys; what nodes of a stage share is hashed once. */
export class Subjects {
  private readonly request: RunRequest;
  private readonly stages = new Map<PlanStage, StageFacts>();
  // The plan lists the nodes of a stage one after the other, and those of a chain share their params. So the last look-up is nearly
  // always the next one.
  private lastReader: StageFacts | undefined;
  private lastSource: StageFacts | undefined;
  private lastParams: JsonObject | undefined;
  private lastKey: StageKey | undefined;

  constructor(request: RunRequest) {
    this.request = request;
  }

  /** The node with its key; undefined as long as an input is unknown. */
  subject(node: PlanNode, known: KnownOutputs): Subject | undefined {
    const inputs = this.inputs(node, (source) => this.content(source, known));
    if (!inputs) return undefined;
    const { stageKey: shared, code, compute, surroundings, forced } = this.shared(node);
    return {
      node,
      key: nodeKey(shared, node.coordinates, inputs),
      code,
      compute,
      surroundings,
      inputs,
      forced,
      directories: this.request.directories,
      software: this.request.software,
    };
  }

  /** What the node shares with others of its stage and params. */
  shared(node: PlanNode): Omit<StageFacts, 'stage' | 'positions' | 'keys'> & { readonly stageKey: StageKey } {
    const facts = this.reader(node.stage);
    const { code, compute, surroundings, forced } = facts;
    return { stageKey: this.stageKey(facts, node.params), code, compute, surroundings, forced };
  }

  /** What the node reads, by what stands for each output; undefined as long as that is so for one of them. What is cut short is not gathered. */
  inputs<Digest>(
    node: PlanNode,
    digest: (source: OutputReference) => Digest | Cut | undefined,
  ): readonly KeyInput<Digest>[] | undefined {
    const inputs = node.inputs.map((input) => this.keyInput(input, digest));
    return inputs.every((input) => input !== undefined) ? inputs : undefined;
  }

  private keyInput<Digest>(
    input: PlanInput,
    digestOf: (source: OutputReference) => Digest | Cut | undefined,
  ): KeyInput<Digest> | undefined {
    if (input.kind === 'one') {
      const digest = digestOf(input.source);
      return digest === undefined || digest instanceof Cut ? undefined : { kind: 'one', name: input.name, digest };
    }
    const items: { coordinates: PlanNode['coordinates']; digest: Digest }[] = [];
    let chain: string | undefined;
    for (const source of input.sources) {
      const digest = digestOf(source);
      if (!digest) return undefined;
      if (digest instanceof Cut) continue;
      const node = this.node(source.node);
      // As `presentSources`, without a list of its own for inputs of thousands.
      if (input.which !== undefined && chain === node.chain) items.pop();
      chain = node.chain;
      items.push({ coordinates: node.coordinates, digest });
    }
    return { kind: 'many', name: input.name, items };
  }

  /** The digest of an output, once its node is finished. */
  digest(source: OutputReference, known: KnownOutputs): ArtefactDigest | undefined {
    const content = this.content(source, known);
    return content instanceof Cut ? undefined : content;
  }

  private content({ node, output }: OutputReference, known: KnownOutputs): ArtefactDigest | Cut | undefined {
    const outputs = known[node];
    if (!outputs || outputs instanceof Cut) return outputs;
    const { stage } = this.node(node);
    if (this.lastSource?.stage !== stage) this.lastSource = this.factsOf(stage);
    return outputs[this.lastSource.positions.get(output) as number];
  }

  private node(index: number): PlanNode {
    return this.request.plan.nodes[index] as PlanNode;
  }

  isForced(stage: PlanStage): boolean {
    return this.request.forced.has(stage.name);
  }

  /** Whether the keys of a stage name another machine: this one would give something else under them. */
  isOfOtherMachine(stage: PlanStage): boolean {
    return this.request.machines?.get(stage)?.isAsHere === false;
  }

  /** What the keys of a stage's nodes with these params share. */
  keyOfStage(stage: PlanStage, params: JsonObject): StageKey {
    return this.stageKey(this.reader(stage), params);
  }

  private reader(stage: PlanStage): StageFacts {
    if (this.lastReader?.stage !== stage) {
      this.lastReader = this.factsOf(stage);
      this.lastParams = undefined;
    }
    return this.lastReader;
  }

  private factsOf(stage: PlanStage): StageFacts {
    let facts = this.stages.get(stage);
    if (!facts) {
      facts = {
        stage,
        code: this.request.fingerprints.get(stage) as CodeFingerprint,
        compute: computeOf(stage, this.request),
        surroundings: surroundingsOf(stage, this.request),
        forced: this.isForced(stage),
        positions: new Map(outputOrder(stage.outputs).map((name, index) => [name, index])),
        keys: new WeakMap(),
      };
      this.stages.set(stage, facts);
    }
    return facts;
  }

  private stageKey({ stage, code, compute, surroundings, keys }: StageFacts, params: JsonObject): StageKey {
    if (this.lastKey === undefined || this.lastParams !== params) {
      this.lastKey = keys.get(params) ?? stageKey(stage, code, params, surroundings, compute);
      this.lastParams = params;
      keys.set(params, this.lastKey);
    }
    return this.lastKey;
  }
}

/** What a stage's nodes compute with; undefined where they say nothing of that. */
export function computeOf(
  stage: PlanStage,
  { compute, computeOf: others, machines }: Pick<RunRequest, 'compute' | 'computeOf' | 'machines'>,
): ComputeIdentity | undefined {
  return stage.compute ? (machines?.get(stage)?.compute ?? others?.get(stage) ?? compute) : undefined;
}

/** The environment of a stage's nodes. */
export function surroundingsOf(
  stage: PlanStage,
  {
    engine,
    gpus: gpusHere,
    machines,
    environments,
    environment,
  }: Pick<RunRequest, 'engine' | 'gpus' | 'machines' | 'environments' | 'environment'>,
): StageSurroundings {
  const gpus = machines?.get(stage)?.gpus ?? gpusHere;
  const { variables, program, resources } = stage;
  const values = Object.fromEntries(variables.map((name) => [name, environment[name] ?? null]));
  const ownEngine = program.kind === 'command' ? NO_ENGINE : engine;
  const ownEnvironment = environments?.get(stage);
  return {
    engine: ownEngine,
    variables: values,
    ...(ownEnvironment === undefined ? {} : { environment: ownEnvironment }),
    ...(gpus !== undefined && resources.gpus > 0 ? { gpus } : {}),
  };
}
