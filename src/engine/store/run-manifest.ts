import type { CodeFingerprint, NodeKey } from '../base/digest.ts';
import type { JsonObject } from '../base/json.ts';
import type { NodeId, PlanTarget } from '../plan/plan.ts';

/**
 * The outcome of a node in a run; `fetched`: the shared cache had its result; `cut short`: its chain ended before, or that of what it reads. A node that
 * a stopped or killed run did not reach counts as skipped.
 */
export type NodeOutcome = 'executed' | 'fetched' | 'up to date' | 'cut off' | 'cut short' | 'failed' | 'skipped';

export interface ManifestNode {
  readonly node: NodeId;
  /** The key of the node; null as long as an input of it is unknown. */
  readonly key: NodeKey | null;
  readonly outcome: NodeOutcome;
}

/** What was asked of a run, and the result. */
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
  /** The executor that it was sent to, and the host that executed it; missing for the workers of the run's own machine. */
  readonly executor?: string;
  readonly host?: string;
  /** Seconds that it was ready and waited, for a worker here or in the queue of its executor; not in journals of earlier versions. */
  readonly queued?: number;
  /** When it began. */
  readonly start: number;
  /** When the worker was free again. */
  readonly end: number;
  /** Seconds that the stage itself took. */
  readonly seconds: number;
  /** Why the node was executed, in words; not in journals of earlier versions. */
  readonly reason?: string;
  /** `lost`: it ended without an outcome of its own, since its worker, its host or its commit was lost. */
  readonly outcome: 'executed' | 'failed' | 'lost';
}

/** What has happened in a run since it was last recorded. */
export interface RunProgress {
  readonly decided: readonly { readonly index: number; readonly key: NodeKey; readonly outcome: NodeOutcome }[];
  readonly attempts: readonly Attempt[];
}

/** Where the time of a run went. */
export interface RunTiming {
  /** The chain of executed nodes that took longest: no number of workers could make the run shorter. */
  readonly criticalPath: {
    readonly seconds: number;
    readonly nodes: number;
    readonly from: string;
    readonly to: string;
  };
  /** The share of the workers' time in which they executed nodes, from 0 to 1. */
  readonly efficiency: number;
  /** Slowest first. */
  readonly stages: readonly { readonly stage: string; readonly nodes: number; readonly seconds: number }[];
}
