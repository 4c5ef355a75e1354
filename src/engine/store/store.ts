import type { ArtefactDigest, CodeFingerprint, NodeKey } from '../base/digest.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { BundleCache } from '../keys/bundle-cache.ts';
import type { UsedSoftware } from '../keys/software/used-software.ts';
import type { NodeId } from '../plan/plan.ts';
import type { ArtefactType } from '../stage/artefact.ts';
import type { ComputeIdentity, Coordinates } from '../stage/stage.ts';
import type { ArtefactFiles, TakenArtefact } from './artefact-files.ts';
import type { FailedAttempt, LastFailure } from './failed-attempt.ts';
import type { MetricSeries } from './metric-series.ts';
import type { Pin } from './pin.ts';
import type { RunLabel } from './run-label.ts';
import type { Attempt, RunManifest, RunProgress, RunTiming } from './run-manifest.ts';

/** What a run needs to know of a finished node. It is small, and every run reads it for every node. */
export interface Trace {
  /** In the order of the stage's output names, sorted. */
  readonly outputs: readonly ArtefactDigest[];
  readonly seconds: number;
}

export interface KeyedTrace extends Trace {
  readonly key: NodeKey;
}

/** How a node's artefacts were made. */
export interface NodeRecord {
  readonly key: NodeKey;
  readonly node: NodeId;
  readonly stage: string;
  readonly code: CodeFingerprint;
  readonly params: JsonObject;
  readonly coordinates: Coordinates;
  readonly inputs: Readonly<Record<string, RecordedInput>>;
  readonly compute: ComputeIdentity | null;
  /** The JavaScript engine that it ran in. */
  readonly engine: string;
  /** For a command in an environment: its identity. */
  readonly environment?: string;
  /** For a stage that asks for GPUs: which there were. */
  readonly gpus?: string;
  /** The environment variables that its stage declares; null for one that was not set. */
  readonly variables: Readonly<Record<string, string | null>>;
  readonly outputs: Readonly<Record<string, RecordedOutput>>;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly host: string;
  /** Where it was not executed by the workers of the run's own machine. */
  readonly executor?: string;
  readonly run: string;
  readonly attempt: number;
  /** What the stage logged and printed, cut to its last 64 KiB. */
  readonly log: string;
  /** Of a command: whose opened files were seen. Records of earlier versions lack it. */
  readonly reads?: SeenReads;
  /** Of a command: the digest of what it used of the machine. Records of earlier versions lack it. */
  readonly software?: string;
  /** The node was not executed under this identity: the result was adopted from an earlier one. */
  readonly adopted?: AdoptionNote;
}

/** The files of no program, of Python processes, or of all programs. */
export type SeenReads = 'none' | 'python' | 'strace';

/** Where an adopted result comes from, and on what evidence. */
export interface AdoptionNote {
  readonly from: NodeKey;
  readonly engine: string;
  readonly compute: ComputeIdentity | null;
  /** The nodes that were executed under both identities and gave the same bytes. */
  readonly audited: readonly NodeId[];
  readonly seed: number;
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export type RecordedInput =
  | { readonly kind: 'one'; readonly digest: ArtefactDigest }
  | { readonly kind: 'many'; readonly items: readonly { coordinates: Coordinates; digest: ArtefactDigest }[] };

export interface RecordedOutput {
  readonly type: ArtefactType;
  readonly digest: ArtefactDigest;
  /** Of a directory, those of its files. */
  readonly bytes: number;
}

/** One invocation of `vmfdag run`. */
export interface RunRecord {
  readonly id: string;
  readonly startedAt: string;
  readonly command: readonly string[];
  readonly profile: string | null;
  readonly targets: readonly string[];
  readonly state: 'running' | 'done' | 'failed' | 'interrupted';
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
  // The records of earlier versions lack those below.
  /** The `--set` of the command line. */
  readonly overrides?: readonly string[];
  readonly jobs?: number;
  readonly host?: string;
  readonly process?: RunProcess;
  /** The folder of the pipeline file. */
  readonly root?: string;
  /** Its name in that folder. */
  readonly file?: string;
  /** A digest of everything that decides what the run resolves to, except for the content of the cache. */
  readonly asked?: string;
  /** Only for runs that execute something, where there is a git repository. */
  readonly revision?: CodeRevision;
  /** Only for finished runs that took a while. */
  readonly timing?: RunTiming;
  /** Of a run that executes the settings of a sweep, and of each of them. */
  readonly sweep?: SweepPart;
  /** It is kept next to the record: `putRun` leaves it as it is. */
  readonly label?: RunLabel;
}

/** What a run has to do with a sweep: it executes all settings, or stands for one of them. */
export type SweepPart =
  | { readonly kind: 'whole'; readonly settings: number }
  /** `of` is the id of the run that executes it. */
  | { readonly kind: 'setting'; readonly of: string; readonly name: string };

/** The process of a run. */
export interface RunProcess {
  readonly pid: number;
  /** The token of its lease: while the lease has it, the run is active. Records of earlier versions lack it. */
  readonly lease?: string;
}

/** The state of the working tree in which a run was started. */
export interface CodeRevision {
  readonly commit: string;
  /** Whether files differ from that commit. */
  readonly dirty: boolean;
}

/** A finished node, to be written to the store. */
export interface NodeCommit {
  readonly record: NodeRecord;
  /** By digest; artefacts that the store already has are skipped. */
  readonly artefacts: ReadonlyMap<ArtefactDigest, Uint8Array | TakenArtefact>;
  readonly metrics?: readonly MetricSeries[];
  /** Of a command: what the record names by its digest. */
  readonly software?: UsedSoftware;
}

export interface StoreStatistics {
  readonly artefacts: number;
  readonly records: number;
  readonly runs: number;
  readonly databaseBytes: number;
  /** Of the files next to the database: blobs and packs. */
  readonly blobBytes: number;
}

/** A file that a target publishes, and its artefact. */
export interface ResultFile {
  /** Below the folder of results. */
  readonly path: string;
  readonly digest: ArtefactDigest;
  readonly node: NodeId;
  readonly output: string;
  readonly key: NodeKey;
}

/** A result that was replaced under its key. */
export interface EarlierResult {
  /** The run that executed the node. */
  readonly run: string;
  readonly software: string;
  readonly outputs: readonly ArtefactDigest[];
}

/** Says that all nodes of a request were up to date at the end of a run. */
export interface Confirmation {
  /** The run whose manifest says what the nodes resolved to. */
  readonly run: string;
  /** How many nodes there are. */
  readonly nodes: number;
  /** What its targets publish. */
  readonly files: readonly ResultFile[];
  /** Digests of what commands used of the machine: if it has changed, the request is not confirmed any more. */
  readonly software: readonly string[];
}

/** Whether a store can be written, or only read (on a read-only file system, or without the permission). */
export type StoreAccess = 'write' | 'read';

/** Content-addressed artefacts and the records of how they were made. */
export interface Store {
  readonly access: StoreAccess;
  readonly bundles: BundleCache;
  /** Artefacts at paths. */
  readonly files: ArtefactFiles;
  trace(key: NodeKey): Trace | undefined;
  /** Traces that are remembered together, in their order. Undefined if a result was removed or replaced since. */
  traces(name: string): readonly KeyedTrace[] | undefined;
  /**
   * Remembers the traces under many keys together, under a name for each list.
   * @param revision at which all of them were there; if it has changed by now, nothing is written
   */
  rememberTraces(lists: ReadonlyMap<string, readonly NodeKey[]>, revision: number): Promise<void>;
  record(key: NodeKey): NodeRecord | undefined;
  /** What commands used of the machine, by its digest. */
  software(digest: string): UsedSoftware | undefined;
  /** Results that a node had under a key before its present one, which other software has made; the oldest first. */
  earlierResults(key: NodeKey): readonly EarlierResult[];
  /** What the node of a record reported; none in records of earlier versions. */
  metrics(key: NodeKey): readonly MetricSeries[];
  /** The key under which a node was last finished or found up to date. */
  lastKey(node: NodeId): NodeKey | undefined;
  rememberKeys(keys: ReadonlyMap<NodeId, NodeKey>): Promise<void>;
  hasArtefact(digest: ArtefactDigest): boolean;
  /** The number of its bytes (of a directory: those of the manifest), unless they are missing. */
  artefactBytes(digest: ArtefactDigest): number | undefined;
  /**
   * The artefact's bytes, owned by the caller and 8-byte aligned, after a check of their digest.
   * @throws {UnreadableArtefact} when they are missing or damaged
   */
  artefact(digest: ArtefactDigest): Uint8Array;
  /** Writes a node's artefacts and its record in one transaction; resolves when it is flushed to the disk. */
  commit(commit: NodeCommit): Promise<void>;
  /**
   * Writes the artefacts of a restored node, in one flushed transaction. Its record and trace stay as they
   * are. If the trace is missing, both are written as by `commit`.
   */
  restore(commit: NodeCommit): Promise<void>;
  /**
   * Writes artefacts from elsewhere, in one flushed transaction. No record names them yet: a collection of garbage may remove them before
   * one does.
   */
  receive(artefacts: NodeCommit['artefacts']): Promise<void>;
  /** Writes adopted records, whose results are there under another key, in one flushed transaction. */
  adopt(records: readonly NodeRecord[]): Promise<void>;
  /** Evicts artefacts. The records that name them stay, and stay valid. */
  dropArtefacts(digests: readonly ArtefactDigest[]): Promise<void>;
  /**
   * Quarantines damaged bytes, and removes the traces of all records that name them as an output: those nodes are no longer up to date.
   * @returns the nodes
   */
  quarantine(digest: ArtefactDigest): Promise<readonly NodeId[]>;
  records(): Iterable<NodeRecord>;
  /**
   * Counts how often results were removed or replaced. While it is the same, whatever was up to date still is. New results
   * do not count, since they have keys of their own.
   */
  revision(): number;
  /** The confirmation of a request, if no result has been removed or replaced since. */
  confirmation(request: string): Confirmation | undefined;
  /** @param revision at which the confirmation holds; if it has changed by now, nothing is written */
  confirm(request: string, confirmation: Confirmation, revision: number): Promise<void>;
  putRun(run: RunRecord): Promise<void>;
  /** Replaces what was said about a run. */
  putLabel(run: string, label: RunLabel): Promise<void>;
  /** @param id in full */
  run(id: string): RunRecord | undefined;
  /** Newest first. */
  runs(): Iterable<RunRecord>;
  /** Writes what a run resolved to and executed, and replaces what was written of it before. */
  putManifest(run: string, manifest: RunManifest, journal: readonly Attempt[]): Promise<void>;
  /**
   * Records that a run, which found everything up to date, resolved to the same as an earlier one.
   * @returns false if nothing is kept of that one
   */
  shareManifest(run: string, earlier: string): Promise<boolean>;
  /** Adds what has happened since the last time, so that a killed run leaves what it had. */
  extendManifest(run: string, progress: RunProgress): Promise<void>;
  /** Undefined for runs of earlier versions, and for those that were killed within their first second. */
  manifest(run: string): RunManifest | undefined;
  /** In the order in which the attempts ended. */
  journal(run: string): readonly Attempt[];
  /** Records how nodes failed, with the run. An attempt replaces an earlier one of the same number. */
  putFailures(run: string, failures: readonly FailedAttempt[]): Promise<void>;
  /** How a node's attempts in a run failed, the first one first. */
  failures(run: string, node: NodeId): readonly FailedAttempt[];
  lastFailure(node: NodeId): LastFailure | undefined;
  /** Removes the record of a run, its manifest, its journal and its failures. The nodes' own records stay. */
  forgetRun(run: string): Promise<void>;
  /** Oldest first. */
  pins(): readonly Pin[];
  /** Replaces a pin of the same name. */
  putPin(pin: Pin): Promise<void>;
  removePin(name: string): Promise<void>;
  /** Mean seconds of earlier nodes by stage, for estimates. */
  durations(): Readonly<Record<string, number>>;
  putDurations(seconds: Readonly<Record<string, number>>): Promise<void>;
  /** Reads and conditionally replaces the stored lease, in one transaction. */
  exchangeLease(exchange: (current: JsonValue | undefined) => JsonValue | undefined): void;
  /**
   * From now on, this store writes only while the stored lease has this token. So a process whose run was killed writes nothing
   * once another run has begun. Without a token it writes whoever has the lease.
   */
  writeUnder(token: string | undefined): void;
  /** From now on, this store writes whoever has the lease. @param name of the folder of files that do not last longer than this process */
  writeAmongOthers(name: string): void;
  /** Makes the commits of other processes visible to the next read. */
  refresh(): void;
  /**
   * Checks that the store is still in its folder. Otherwise a run would write to files that nobody can open any more.
   * @throws {Failure} kind `store` when it was removed or replaced
   */
  checkPresence(): void;
  statistics(): StoreStatistics;
  /** Whether the cache still lies where it was opened: a compaction replaces its file. */
  isCurrent(): boolean;
  /**
   * Reads the database's file through, page by page. Call it after a process died of it.
   * @throws {Failure} kind `store` when it is cut off or damaged
   */
  checkFile(): void;
  /** Writes the used pages into a new file in a folder. */
  copyTo(folder: string): Promise<void>;
  close(): Promise<void>;
}
