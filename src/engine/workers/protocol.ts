import type { Diagnostic } from '../base/diagnostic.ts';
import type { ArtefactDigest, CodeFingerprint, NodeKey } from '../base/digest.ts';
import type { ErrorReport } from '../base/error-report.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { KeyInput, StageSurroundings } from '../keys/node-key.ts';
import type { UndeclaredReads } from '../pipeline/pipeline.ts';
import type { ProgramEnvironment } from '../pipeline/stages/program-environment.ts';
import type { NodeId } from '../plan/plan.ts';
import type { NamedSource } from '../sources/source-problem.ts';
import type { ArtefactType } from '../stage/artefact.ts';
import type { ComputeIdentity, Coordinates } from '../stage/stage.ts';
import type { Purpose } from '../staleness/work.ts';
import type { MetricSeries, MetricValue } from '../store/metric-series.ts';

/** A worker's descriptor for these messages. */
export const CHANNEL_DESCRIPTOR = 3;

/** For so short a stage, the commit is a large part of its cost. The worker computes on meanwhile, and commits are grouped. */
const SHORT_STAGE_SECONDS = 0.02;

export function isShort(seconds: number): boolean {
  return seconds < SHORT_STAGE_SECONDS;
}

/** What a worker needs to start, given on its command line as JSON. */
export interface WorkerSetup {
  /** Folder of the pipeline file: packages are resolved from here. */
  readonly root: string;
  readonly cacheDirectory: string;
  /** The token of the lease of the run; of a unit, a name for what its workers make. */
  readonly lease: string;
  /** Whether the cache is one of units, which several of them use at the same time without a lease. */
  readonly isOfUnits?: boolean;
  readonly run: string;
  readonly host: string;
}

/** One node to execute. Artefacts are named by digest: their bytes go through the store, never through this channel. */
export interface Job {
  readonly id: number;
  readonly node: NodeId;
  readonly key: NodeKey;
  readonly stage: string;
  readonly program: JobProgram;
  readonly code: CodeFingerprint;
  readonly params: JsonObject;
  readonly coordinates: Coordinates;
  readonly inputs: readonly KeyInput[];
  readonly outputs: Readonly<Record<string, ArtefactType>>;
  readonly compute: ComputeIdentity | null;
  readonly surroundings: StageSurroundings;
  readonly undeclared: UndeclaredReads;
  /** Names of the environment variables whose values are masked in the stage's output. */
  readonly secrets: readonly string[];
  readonly attempt: number;
  readonly purpose: Purpose;
}

/** What the worker executes. The code under the job's fingerprint has the rest of a command. */
type JobProgram =
  | { readonly kind: 'module'; readonly path: string }
  | { readonly kind: 'command'; readonly environment: ProgramEnvironment | undefined }
  /** What to take into the cache instead. */
  | { readonly kind: 'source'; readonly source: NamedSource };

/** A job whose stage is a module of the project. */
export type ModuleJob = Job & { readonly program: Extract<JobProgram, { kind: 'module' }> };

export function isModuleJob(job: Job): job is ModuleJob {
  return job.program.kind === 'module';
}

/** @property token names the job on the channel. Only the worker program knows it, so a stage cannot speak for it. */
export type ToWorker =
  | { readonly type: 'execute'; readonly token: string; readonly job: Job }
  | { readonly type: 'exit' };

export type FromWorker = { readonly token: string } & (
  | { readonly type: 'progress'; readonly fraction: number }
  /** The newest values, a few times a second. */
  | { readonly type: 'metrics'; readonly values: readonly MetricValue[] }
  /** A program of the node leads a process group of its own, or nothing of the group is left. */
  | { readonly type: 'group'; readonly group: number; readonly state: 'started' | 'ended' }
  /** The stage has returned, and its artefacts are being committed. */
  | ({ readonly type: 'computed'; readonly seconds: number } & WorkerState)
  /** Artefacts and record are on the disk; digests in the order of the output names, sorted. */
  | ({
      readonly type: 'committed';
      readonly outputs: readonly ArtefactDigest[];
      readonly seconds: number;
      readonly bytes: number;
    } & WorkerState)
  | ({
      readonly type: 'failed';
      /**
       * A wrong declaration (`usage`) fails the same way at every attempt. A store that cannot be written ends the run. `bytes`: a node that
       * was executed again gave other bytes.
       */
      readonly cause: 'stage' | 'usage' | 'store' | 'bytes' | 'memory';
      readonly diagnostic: Diagnostic;
      readonly error?: ErrorReport;
      readonly log: string;
      readonly metrics: readonly MetricSeries[];
    } & WorkerState)
  /** An input is missing from the store, or its bytes are damaged. */
  | { readonly type: 'unreadable'; readonly input: UnreadableInput }
  /** Something that the node left behind failed after the node's end. */
  | { readonly type: 'warning'; readonly diagnostic: Diagnostic }
);

export interface WorkerState {
  /** The node left something behind that would affect the next one: the worker ends after this node. */
  readonly isSpent: boolean;
}

export interface UnreadableInput {
  readonly digest: ArtefactDigest;
  readonly state: 'missing' | 'damaged';
  readonly diagnostic: Diagnostic;
}

/** Parses a line of a worker's channel; undefined for a line that no worker writes. */
export function asFromWorker(message: unknown): FromWorker | undefined {
  if (!isJsonObject(message) || typeof message.token !== 'string') return undefined;
  return hasShape(message) ? (message as unknown as FromWorker) : undefined;
}

function hasShape(message: JsonObject): boolean {
  const { type, fraction, values, group, seconds, bytes, outputs, input, diagnostic, log, metrics } = message;
  switch (type) {
    case 'progress':
      return typeof fraction === 'number';
    case 'metrics':
      return Array.isArray(values);
    case 'group':
      return Number.isSafeInteger(group) && Number(group) > 1;
    case 'computed':
      return typeof seconds === 'number';
    case 'committed':
      return typeof seconds === 'number' && typeof bytes === 'number' && Array.isArray(outputs);
    case 'failed':
      return isDiagnostic(diagnostic) && typeof log === 'string' && Array.isArray(metrics);
    case 'unreadable':
      return isJsonObject(input) && isDiagnostic(input.diagnostic);
    case 'warning':
      return isDiagnostic(diagnostic);
    default:
      return false;
  }
}

function isDiagnostic(value: unknown): boolean {
  return isJsonObject(value) && typeof value.fact === 'string';
}
