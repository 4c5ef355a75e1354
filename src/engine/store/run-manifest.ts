import type { CodeFingerprint, NodeKey } from '../base/digest.ts';
import type { JsonObject } from '../base/json.ts';
import type { NodeId, PlanTarget } from '../plan/plan.ts';

/** What became of a node in a run. One that a stopped or killed run did not come to counts as skipped. */
export type NodeOutcome = 'executed' | 'up to date' | 'cut off' | 'failed' | 'skipped';

export interface ManifestNode {
  readonly node: NodeId;
  /** What the node resolved to; null as long as an input of it was not known. */
  readonly key: NodeKey | null;
  readonly outcome: NodeOutcome;
}

/** What a run was asked for, and what that came to. */
export interface RunManifest {
  /** The params of the pipeline, with the profile and `--set` laid over them. */
  readonly params: JsonObject;
  /** By stage. */
  readonly code: Readonly<Record<string, CodeFingerprint>>;
  /** Indices are positions in `nodes`. */
  readonly targets: readonly PlanTarget[];
  /** In the order of the plan. */
  readonly nodes: readonly ManifestNode[];
}

/** One attempt to execute a node. Times are in seconds since the run began. */
export interface Attempt {
  /** Position in the manifest's `nodes`. */
  readonly node: number;
  /** 1 is the first. */
  readonly attempt: number;
  readonly worker: number;
  /** When the worker was given the node. */
  readonly start: number;
  /** When the worker could take another one. */
  readonly end: number;
  /** What the stage itself took of that. */
  readonly seconds: number;
  /** Why the node was executed, in words; not in journals of earlier versions. */
  readonly reason?: string;
  /** `lost`: the stage had returned, but its process ended before the artefacts were on the disk. */
  readonly outcome: 'executed' | 'failed' | 'lost';
}

/** What has happened in a run since the last time it was written down. */
export interface RunProgress {
  readonly decided: readonly { readonly index: number; readonly key: NodeKey; readonly outcome: NodeOutcome }[];
  readonly attempts: readonly Attempt[];
}

/** Where the time of a run went. */
export interface RunTiming {
  /** The chain of executed nodes that took longest: with any number of workers, the run could not have been shorter. */
  readonly criticalPath: {
    readonly seconds: number;
    readonly nodes: number;
    readonly from: string;
    readonly to: string;
  };
  /** The share of the workers' time in which they were executing something, from 0 to 1. */
  readonly efficiency: number;
  /** Slowest first. */
  readonly stages: readonly { readonly stage: string; readonly nodes: number; readonly seconds: number }[];
}
