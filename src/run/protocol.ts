import type { Diagnostic } from '../base/diagnostic.ts';
import type { ArtefactDigest, CodeFingerprint, NodeKey } from '../base/digest.ts';
import type { ErrorReport } from '../base/error-report.ts';
import type { JsonObject } from '../base/json.ts';
import type { ArtefactType } from '../contract/artefact.ts';
import type { ComputeIdentity, Coordinates } from '../contract/stage.ts';
import type { KeyInput, StageSurroundings } from '../keys/node-key.ts';
import type { NodeId } from '../plan/plan.ts';
import type { UndeclaredReads } from '../spec/spec.ts';
import type { Purpose } from './work.ts';

/** What a worker process needs to open its side: given on its command line as JSON. */
export interface WorkerSetup {
  /** Folder of the pipeline file: packages are resolved from here. */
  readonly root: string;
  readonly cacheDirectory: string;
  /** The token of the lease under which the run is at work. */
  readonly lease: string;
  readonly run: string;
  readonly host: string;
}

/** One node to execute. Artefacts are named by digest: their bytes go through the store, never through this channel. */
export interface Job {
  readonly id: number;
  readonly node: NodeId;
  readonly key: NodeKey;
  readonly stage: string;
  readonly module: string;
  readonly code: CodeFingerprint;
  readonly params: JsonObject;
  readonly coordinates: Coordinates;
  readonly inputs: readonly KeyInput[];
  readonly outputs: Readonly<Record<string, ArtefactType>>;
  readonly compute: ComputeIdentity | null;
  readonly surroundings: StageSurroundings;
  readonly undeclared: UndeclaredReads;
  readonly attempt: number;
  readonly purpose: Purpose;
}

export type ToWorker = { readonly type: 'execute'; readonly job: Job } | { readonly type: 'exit' };

export type FromWorker =
  | { readonly type: 'progress'; readonly job: number; readonly fraction: number }
  /** The stage has returned, and its artefacts are on their way to the disk. */
  | { readonly type: 'computed'; readonly job: number; readonly seconds: number }
  /** Artefacts and record are on the disk; digests in the order of the output names, sorted. */
  | {
      readonly type: 'committed';
      readonly job: number;
      readonly outputs: readonly ArtefactDigest[];
      readonly seconds: number;
      readonly bytes: number;
    }
  | {
      readonly type: 'failed';
      readonly job: number;
      /**
       * A wrong declaration (`usage`) fails the same way at every attempt; a store that cannot be written ends the run. `bytes`: a node that
       * was executed again gave other ones.
       */
      readonly cause: 'stage' | 'usage' | 'store' | 'bytes';
      readonly diagnostic: Diagnostic;
      readonly error?: ErrorReport;
      readonly log: string;
    }
  /** An input is not in the store, or its bytes are not those that its digest names. */
  | { readonly type: 'unreadable'; readonly job: number; readonly input: UnreadableInput };

export interface UnreadableInput {
  readonly digest: ArtefactDigest;
  readonly state: 'missing' | 'damaged';
  readonly diagnostic: Diagnostic;
}
