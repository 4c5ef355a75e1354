import type { ArtefactDigest, NodeKey } from '../../../src/engine/base/digest.ts';
import type { JsonValue } from '../../../src/engine/base/json.ts';
import type { BundleCache } from '../../../src/engine/keys/bundle-cache.ts';
import type { NodeId } from '../../../src/engine/plan/plan.ts';
import type { ArtefactFiles, TakenArtefact } from '../../../src/engine/store/artefact-files.ts';
import type { FailedAttempt, LastFailure } from '../../../src/engine/store/failed-attempt.ts';
import type { MetricSeries } from '../../../src/engine/store/metric-series.ts';
import type { Pin } from '../../../src/engine/store/pin.ts';
import type { RunLabel } from '../../../src/engine/store/run-label.ts';
import type { Attempt, RunManifest, RunProgress } from '../../../src/engine/store/run-manifest.ts';
import type {
  KeyedTrace,
  NodeCommit,
  NodeRecord,
  RunRecord,
  Store,
  StoreStatistics,
  Trace,
} from '../../../src/engine/store/store.ts';

/** A store without a disk. It counts what is read, so that tests can tell what an answer took. */
export class MemoryStore implements Store {
  readonly reads = { traces: 0, records: 0 };
  private readonly kept = new Map<NodeKey, NodeRecord>();
  private readonly untraced = new Set<NodeKey>();
  private readonly series = new Map<NodeKey, readonly MetricSeries[]>();
  private removals = 0;
  private readonly remembered = new Map<
    string,
    { readonly revision: number; readonly traces: readonly KeyedTrace[] }
  >();
  private readonly artefacts = new Map<ArtefactDigest, Uint8Array | TakenArtefact>();
  private readonly lastKeys = new Map<NodeId, NodeKey>();
  private readonly allRuns: RunRecord[] = [];
  private readonly manifests = new Map<string, RunManifest>();
  private readonly journals = new Map<string, readonly Attempt[]>();
  private readonly failed: { readonly run: string; readonly failure: FailedAttempt }[] = [];
  private readonly failedLast = new Map<NodeId, LastFailure>();
  private seconds: Readonly<Record<string, number>> = {};
  private lease: JsonValue | undefined;

  get bundles(): BundleCache {
    throw new Error('a test of the run loop bundles nothing');
  }

  get files(): ArtefactFiles {
    throw new Error('a test of the run loop has no files');
  }

  trace(key: NodeKey): Trace | undefined {
    this.reads.traces++;
    return this.traceOf(key);
  }

  private traceOf(key: NodeKey): Trace | undefined {
    const record = this.kept.get(key);
    if (!record || this.untraced.has(key)) return undefined;
    const names = Object.keys(record.outputs).sort();
    return { seconds: record.seconds, outputs: names.map((name) => record.outputs[name]?.digest as ArtefactDigest) };
  }

  record(key: NodeKey): NodeRecord | undefined {
    this.reads.records++;
    return this.kept.get(key);
  }

  /** Of all artefacts whose bytes are there. */
  digests(): Iterable<ArtefactDigest> {
    return this.artefacts.keys();
  }

  earlierResults(): readonly never[] {
    return [];
  }

  software(): undefined {
    return undefined;
  }

  metrics(key: NodeKey): readonly MetricSeries[] {
    return this.series.get(key) ?? [];
  }

  /** As if the record came from a version without metrics. */
  loseMetrics(key: NodeKey): void {
    this.series.delete(key);
  }

  lastKey(node: NodeId): NodeKey | undefined {
    return this.lastKeys.get(node);
  }

  async rememberKeys(keys: ReadonlyMap<NodeId, NodeKey>): Promise<void> {
    for (const [node, key] of keys) this.lastKeys.set(node, key);
  }

  revision(): number {
    return this.removals;
  }

  traces(name: string): readonly KeyedTrace[] | undefined {
    const found = this.remembered.get(name);
    return found?.revision === this.removals ? found.traces : undefined;
  }

  async rememberTraces(lists: ReadonlyMap<string, readonly NodeKey[]>, revision: number): Promise<void> {
    if (revision !== this.removals) return;
    for (const [name, keys] of lists) {
      const traces = keys.flatMap((key) => {
        const trace = this.traceOf(key);
        return trace ? [{ key, ...trace }] : [];
      });
      if (traces.length === keys.length) this.remembered.set(name, { revision, traces });
    }
  }

  confirmation(): undefined {
    return undefined;
  }

  async confirm(): Promise<void> {}

  hasArtefact(digest: ArtefactDigest): boolean {
    return this.artefacts.has(digest);
  }

  artefactBytes(digest: ArtefactDigest): number | undefined {
    return (this.artefacts.get(digest) as Uint8Array | undefined)?.length;
  }

  artefact(digest: ArtefactDigest): Uint8Array {
    return this.artefacts.get(digest) as Uint8Array;
  }

  async commit({ record, artefacts, metrics = [] }: NodeCommit): Promise<void> {
    this.keep(record);
    this.series.set(record.key, metrics);
    for (const [digest, bytes] of artefacts) this.artefacts.set(digest, bytes);
  }

  async restore({ record, artefacts, metrics = [] }: NodeCommit): Promise<void> {
    if (!this.kept.has(record.key) || this.untraced.has(record.key)) {
      this.keep(record);
      this.series.set(record.key, metrics);
    }
    for (const [digest, bytes] of artefacts) this.artefacts.set(digest, bytes);
  }

  async dropArtefacts(digests: readonly ArtefactDigest[]): Promise<void> {
    for (const digest of digests) this.artefacts.delete(digest);
  }

  async quarantine(digest: ArtefactDigest): Promise<readonly NodeId[]> {
    this.artefacts.delete(digest);
    const makers = [...this.kept.values()].filter(({ outputs }) =>
      Object.values(outputs).some((output) => output.digest === digest),
    );
    for (const { key } of makers) this.untraced.add(key);
    this.removals++;
    return makers.map(({ node }) => node);
  }

  /** What a worker process does behind the run loop's back. */
  keep(record: NodeRecord): void {
    const earlier = this.traceOf(record.key);
    this.kept.set(record.key, record);
    this.untraced.delete(record.key);
    if (earlier && String(earlier.outputs) !== String(this.traceOf(record.key)?.outputs)) this.removals++;
    this.lastKeys.set(record.node, record.key);
  }

  /** As if bytes of the result had been found damaged. */
  loseTrace(key: NodeKey): void {
    this.untraced.add(key);
    this.removals++;
  }

  /** As if the record had been collected. */
  lose(key: NodeKey): void {
    this.kept.delete(key);
    this.removals++;
  }

  records(): Iterable<NodeRecord> {
    return this.kept.values();
  }

  async putLabel(run: string, label: RunLabel): Promise<void> {
    const at = this.allRuns.findIndex(({ id }) => id === run);
    const record = this.allRuns[at];
    if (record) this.allRuns[at] = { ...record, label };
  }

  async putRun(run: RunRecord): Promise<void> {
    this.allRuns.unshift(run);
  }

  run(id: string): RunRecord | undefined {
    return this.allRuns.find((run) => run.id === id);
  }

  runs(): Iterable<RunRecord> {
    return this.allRuns;
  }

  async putManifest(run: string, manifest: RunManifest, journal: readonly Attempt[]): Promise<void> {
    this.manifests.set(run, manifest);
    this.journals.set(run, [...journal]);
  }

  async shareManifest(run: string, earlier: string): Promise<boolean> {
    const manifest = this.manifests.get(earlier);
    if (manifest) {
      const nodes = manifest.nodes.map((node) => ({ ...node, outcome: 'up to date' as const }));
      this.manifests.set(run, { ...manifest, nodes });
    }
    return manifest !== undefined;
  }

  async extendManifest(run: string, { attempts }: RunProgress): Promise<void> {
    this.journals.set(run, [...this.journal(run), ...attempts]);
  }

  manifest(run: string): RunManifest | undefined {
    return this.manifests.get(run);
  }

  journal(run: string): readonly Attempt[] {
    return this.journals.get(run) ?? [];
  }

  async forgetRun(run: string): Promise<void> {
    this.allRuns.splice(0, Number.POSITIVE_INFINITY, ...this.allRuns.filter(({ id }) => id !== run));
    this.manifests.delete(run);
    this.journals.delete(run);
  }

  async putFailures(run: string, failures: readonly FailedAttempt[]): Promise<void> {
    for (const failure of failures) {
      this.failed.push({ run, failure });
      this.failedLast.set(failure.node, { ...failure, run });
    }
  }

  failures(run: string, node: NodeId): readonly FailedAttempt[] {
    return this.failed.flatMap((each) => (each.run === run && each.failure.node === node ? [each.failure] : []));
  }

  lastFailure(node: NodeId): LastFailure | undefined {
    return this.failedLast.get(node);
  }

  async receive(artefacts: NodeCommit['artefacts']): Promise<void> {
    for (const [digest, bytes] of artefacts) this.artefacts.set(digest, bytes as Uint8Array);
  }

  async adopt(records: readonly NodeRecord[]): Promise<void> {
    for (const record of records) await this.commit({ record, artefacts: new Map() });
  }

  pins(): readonly Pin[] {
    return [];
  }

  async putPin(): Promise<void> {
    throw new Error('a test of the run loop pins nothing');
  }

  async removePin(): Promise<void> {
    throw new Error('a test of the run loop pins nothing');
  }

  durations(): Readonly<Record<string, number>> {
    return this.seconds;
  }

  async putDurations(seconds: Readonly<Record<string, number>>): Promise<void> {
    this.seconds = seconds;
  }

  exchangeLease(exchange: (current: JsonValue | undefined) => JsonValue | undefined): void {
    this.lease = exchange(this.lease);
  }

  writeAmongOthers(): void {}

  writeUnder(): void {}

  readonly access = 'write';
  checkPresence(): void {}
  checkFile(): void {}

  refresh(): void {}

  isCurrent(): boolean {
    return true;
  }

  async copyTo(): Promise<void> {
    throw new Error('a test of the run loop copies nothing');
  }

  statistics(): StoreStatistics {
    return {
      artefacts: this.artefacts.size,
      records: this.kept.size,
      runs: this.allRuns.length,
      databaseBytes: 0,
      blobBytes: 0,
    };
  }

  async close(): Promise<void> {}
}
