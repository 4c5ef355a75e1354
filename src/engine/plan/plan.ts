import type { SourceRange } from '../base/diagnostic.ts';
import type { JsonObject } from '../base/json.ts';
import type { StagePlaces, StageProgram, UndeclaredReads } from '../pipeline/pipeline.ts';
import type { RetryPolicy } from '../pipeline/stages/retry-policy.ts';
import type { HalvingRule, StopRule } from '../pipeline/stages/stop-rule.ts';
import type { ArtefactType } from '../stage/artefact.ts';
import type { Coordinates } from '../stage/stage.ts';

declare const brand: unique symbol;

/** Stage name and coordinate values in declared order, `train/fnn/1/3`; safe to type in a shell. */
export type NodeId = string & { readonly [brand]: 'node id' };

/** All nodes that the requested targets need, in a topological order that is the same on every machine. */
export interface Plan {
  readonly nodes: readonly PlanNode[];
  /** For each requested target: its nodes (indices into `nodes`) and the files that it publishes. */
  readonly targets: readonly PlanTarget[];
  readonly transient: TransientOutputs;
}

/**
 * By node index, the outputs whose bytes are evicted once no node needs them any more; nodes without any are absent. What a target
 * publishes is not among them, nor is what the last node of a chain carries on.
 */
export type TransientOutputs = ReadonlyMap<number, readonly string[]>;

export interface PlanTarget {
  readonly name: string;
  readonly nodes: readonly number[];
  readonly files: readonly PublishedFile[];
}

/** A file under the results folder that holds one artefact. */
export interface PublishedFile {
  readonly path: string;
  readonly source: OutputReference;
}

export interface PlanNode {
  readonly id: NodeId;
  /** The id under which the cache knows it, where a sweep has several nodes of that id. */
  readonly recordedAs?: NodeId;
  /** Position in `Plan.nodes`; inputs, and what a gate reads, always have a smaller one. */
  readonly index: number;
  readonly stage: PlanStage;
  readonly coordinates: Coordinates;
  /** Resolved and frozen. Nodes of one chain whose params do not name the scan coordinate share one object. */
  readonly params: JsonObject;
  readonly inputs: readonly PlanInput[];
  /** Identifies the chain of a scan (all its coordinates except for the scanned one); undefined outside scans. */
  readonly chain: string | undefined;
  /** For a step of a chain that is only there if the chain has not ended before. */
  readonly gate?: PlanGate;
  /** The metrics that it has to report, since gates read them. */
  readonly reports?: readonly string[];
}

/** Decides after a step whether its chain goes on. */
export interface PlanGate {
  /** The index of that step. */
  readonly after: number;
  /** Its number in the chain. */
  readonly step: number;
  /** Those that read the chain alone. */
  readonly rules: readonly ChainRule[];
  /** Where chains are compared after this step. */
  readonly rung?: PlanRung;
}

export type ChainRule = Exclude<StopRule, HalvingRule>;

/** The chains that are compared after a step. Their gates share it. */
export interface PlanRung {
  readonly rule: HalvingRule;
  /** Indices of the step's node in each chain that has steps after it, in declared order. */
  readonly candidates: readonly number[];
}

export type PlanInput =
  | { readonly kind: 'one'; readonly name: string; readonly source: OutputReference }
  | {
      readonly kind: 'many';
      readonly name: string;
      readonly sources: readonly OutputReference[];
      /** The sources are the steps of chains that may be their last ones. Of each chain, the last one counts that is there. */
      readonly which?: 'last of each chain';
    };

export interface OutputReference {
  /** Index of the node that makes it. */
  readonly node: number;
  readonly output: string;
}

/** What all nodes of a stage share. */
export interface PlanStage {
  readonly name: string;
  /** Where pipeline.yaml declares it, for messages about its nodes. */
  readonly range: SourceRange;
  /** Where it names what a message is about. */
  readonly places: StagePlaces<SourceRange>;
  /** Paths are relative to the pipeline's folder. */
  readonly program: StageProgram;
  readonly outputs: Readonly<Record<string, ArtefactType>>;
  readonly resources: StageResources;
  /** Wall-clock limit of one attempt. */
  readonly timeoutSeconds: number | undefined;
  /** Attempts after the first one. */
  readonly retries: RetryPolicy;
  /** Where its nodes are executed; undefined where nothing is said. It is in no key. */
  readonly executor: string | undefined;
  /** Whether the compute identity is part of the keys, and visible to the stage. */
  readonly compute: boolean;
  /** Names of the environment variables that the stage may see, with values in its keys; in declared order. */
  readonly variables: readonly string[];
  /** Names of those that it may see too. They are in no key, and masked in logs. */
  readonly secrets: readonly string[];
  /** What happens when it opens a file of the project that is not declared. */
  readonly undeclared: UndeclaredReads;
  /** Whether it gives the same bytes each time that it is executed with the same key. */
  readonly reproducible: boolean;
}

export interface StageResources {
  readonly threads: number;
  readonly memoryBytes: number;
  readonly gpus: number;
}
