import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, RootDatabase } from 'lmdb';
import { type ArtefactDigest, digestFromBytes, digestToBytes, type NodeKey } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import type { JsonValue } from '../../base/json.ts';
import type { UsedSoftware } from '../../keys/software/used-software.ts';
import type { TakenArtefact } from '../artefact-files.ts';
import { BlobFolder } from '../blobs/blob-folder.ts';
import { PackFolder } from '../blobs/pack-folder.ts';
import { discard, type StagedBytes, staged } from '../blobs/staged-blob.ts';
import { WorkFolder } from '../blobs/work-folder.ts';
import type { InspectableStore } from '../inspection.ts';
import { outputDigests } from '../output-order.ts';
import type { EarlierResult, KeyedTrace, NodeCommit, NodeRecord, RunRecord, StoreStatistics, Trace } from '../store.ts';
import { lmdbArtefactFiles } from './artefact-files.ts';
import { Artefacts } from './artefacts.ts';
import { lmdbBundleCache, withCodeInMemory } from './bundles.ts';
import { markClosed, markOpen } from './close-mark.ts';
import { lmdbConfirmations } from './confirmations.ts';
import { decodedOr, decodeJson, decodeTrace, encodeJson, encodeTrace, nameKey } from './encoding.ts';
import {
  causeOfCommitFailure,
  damagedFile,
  isWorthAnotherTry,
  removedCache,
  storeFailure,
  unwritableCache,
} from './failure.ts';
import { lmdbFailures } from './failures.ts';
import { checkDatabaseFile } from './file-check.ts';
import { currentFolder } from './generation.ts';
import { HeldParts } from './held-parts.ts';
import { lmdbInspection } from './inspection.ts';
import { lmdbRunHistory } from './manifests.ts';
import { decodeMetrics, encodeMetrics } from './metrics.ts';
import { type Creation, type OpenedEnvironment, openEnvironment } from './open.ts';
import { PackedBytes } from './packed-bytes.ts';
import { lmdbPins } from './pins.ts';
import { lmdbRememberedTraces } from './remembered-traces.ts';
import { lmdbRunLabels } from './run-labels.ts';
import { checkSchema, keepSchema, openTable } from './schema.ts';
import { type SealedTable, sealedTable } from './sealed-table.ts';
import { StoredBytes } from './stored-bytes.ts';

type Table = Database<Buffer, Buffer>;

/** Reused for each look-up of a trace, of which an up-to-date run makes one for each node. LMDB no longer uses it when the call returns. */
const traceKey = Buffer.allocUnsafe(32);

/** A key of the table of notes. */
const LEASE_KEY = Buffer.from('lease');
const DURATIONS_KEY = Buffer.from('durations');

const CLOSE_MILLISECONDS = 200;

/** Opens the store in a folder. Any number of processes may have it open at once. */
export function openStore(directory: string, creation: Creation = 'create'): InspectableStore {
  const opened = openEnvironment(directory, creation);
  const { environment, folder, access } = opened;
  try {
    const table = (name: string) => openTable(environment, name, access);
    const notes = sealedTable('notes', table('notes'));
    checkSchema(environment, notes, { directory, folder, access });
    const tables = openTables(table);
    if (access === 'write') keepSchema(environment, notes, Object.keys(tables));
    if (access === 'write' && creation !== 'checked') markOpen(folder);
    return lmdbStore(opened, directory, creation, { ...tables, notes });
  } catch (error) {
    void environment.close();
    throw storeFailure(error, `cannot open the cache in ${directory}`, directory);
  }
}

function openTables(table: (name: string) => Table) {
  const sealed = (name: string) => sealedTable(name, table(name));
  return {
    // Their keys are digests, or their values have a checksum: they need no seal.
    artefacts: table('artefacts'),
    quarantine: table('quarantine'),
    traces: table('traces'),
    blobs: sealed('blobs'),
    directories: sealed('directories'),
    parts: sealed('parts'),
    packed: sealed('packed'),
    packs: sealed('packs'),
    records: sealed('records'),
    lastKeys: sealed('lastKeys'),
    runs: sealed('runs'),
    manifests: sealed('manifests'),
    resolutions: sealed('resolutions'),
    journals: sealed('journals'),
    failures: sealed('failures'),
    lastFailures: sealed('lastFailures'),
    stamps: sealed('stamps'),
    code: sealed('code'),
    metrics: sealed('metrics'),
    traceLists: sealed('traceLists'),
  };
}

/** No bundle can have this name. */
const softwareKey = (digest: string) => nameKey(`software\0${digest}`);

const earlierKey = (key: NodeKey) => nameKey(`earlier\0${key}`);

/** Of each node. */
const MOST_EARLIER = 32;

/** In characters. What is longer is none, and may be too long for a key of LMDB. */
const LONGEST_RUN_ID = 100;

/** The stored description of the lease. */
interface KeptLease {
  readonly token: string;
}

type Tables = ReturnType<typeof openTables> & { readonly notes: SealedTable };

function lmdbStore(
  { environment, folder, access }: OpenedEnvironment,
  directory: string,
  creation: Creation,
  tables: Tables,
): InspectableStore {
  const { notes, traces, records, lastKeys, runs } = tables;
  const database = join(folder, 'data.mdb');
  const first = statSync(database, { throwIfNoEntry: false });
  const blobs = new BlobFolder(directory);
  const work = new WorkFolder(directory);
  const packs = new PackFolder(directory);
  const packed = new PackedBytes(tables, packs);
  const bytes = new StoredBytes(tables, blobs, packed, directory);
  const held = new HeldParts(tables);
  const artefacts = new Artefacts(bytes, held);
  const remembered = lmdbRememberedTraces(tables.traceLists);
  const confirmations = lmdbConfirmations(notes, remembered);
  const pins = lmdbPins(notes);
  const labels = lmdbRunLabels(notes);
  const labelledRun = (value: Buffer): RunRecord | undefined => {
    const run = decodedOr(() => decodeJson<RunRecord>(value));
    const label = run && labels.of(run.id);
    return label ? { ...run, label } : run;
  };
  const history = lmdbRunHistory(tables.manifests, tables.resolutions, tables.journals);
  const failures = lmdbFailures(tables.failures, tables.lastFailures);

  let hasFailed = false;
  /** Whether the file was found to be damaged. Then nobody may rely on its close mark. */
  let isSuspect = false;
  /** Writes that are committed but not yet flushed. */
  const waiting = new Set<(error: unknown) => void>();
  const flushed = () =>
    new Promise<void>((resolve, reject) => {
      waiting.add(reject);
      environment.flushed.then(() => {
        waiting.delete(reject);
        resolve();
      }, reject);
    });

  const commit = async (puts: () => void): Promise<void> => {
    try {
      await environment.transaction(puts);
      await flushed();
    } catch (error) {
      const cause = await causeOfCommitFailure(error);
      if (cause !== error) {
        hasFailed = true;
        // lmdb never informs those that wait for the disk when a commit that was grouped with theirs has failed.
        for (const reject of waiting) reject(cause);
        waiting.clear();
      }
      throw cause;
    }
  };

  let lease: string | undefined;
  /** Call it only inside a transaction: then no other process can begin a run before the write. */
  const checkLease = (): void => {
    if (lease === undefined) return;
    const current = notes.get(LEASE_KEY);
    if (current && decodedOr(() => decodeJson<Partial<KeptLease>>(current))?.token === lease) return;
    throw new Failure('store', {
      fact: `another run has begun on the cache in ${directory}`,
      fix: 'the run that this process worked for was ended: run again',
    });
  };

  const write = async (fact: string, puts: () => void): Promise<void> => {
    if (access === 'read') throw unwritableCache(directory);
    const once = () =>
      commit(() => {
        checkLease();
        puts();
      });
    try {
      await once().catch((cause: unknown) => (isWorthAnotherTry(cause) ? once() : Promise.reject(cause)));
    } catch (cause) {
      throw storeFailure(cause, `${fact} in ${directory}`, directory);
    }
  };

  const checkPresence = (): void => {
    const now = statSync(database, { throwIfNoEntry: false });
    if (now?.ino !== first?.ino) throw removedCache(directory);
    // LMDB never shortens the file. Reading on would end this process by a signal.
    if (now && first && now.size < first.size) {
      isSuspect = true;
      throw damagedFile(database, `it was cut off after ${now.size} bytes`);
    }
  };
  /** For the results of a run. */
  const writeForGood = async (fact: string, puts: () => void): Promise<void> => {
    await write(fact, puts);
    checkPresence();
  };

  /** The files of blobs go after the transaction that no longer names them, and in another one: LMDB's lock keeps out a commit that names them. */
  const sweep = async (digests: readonly ArtefactDigest[]): Promise<void> => {
    if (bytes.isToSweep(digests)) await write('cannot remove artefacts', () => bytes.sweep(digests));
  };
  const remove = async (fact: string, drop: () => readonly ArtefactDigest[]): Promise<void> => {
    let removed: readonly ArtefactDigest[] = [];
    await write(fact, () => {
      removed = drop();
    });
    await sweep(removed);
  };

  /** Writes the artefacts of a node, and what `puts` adds, in one transaction. */
  const writeNode = ({ record, artefacts: made }: NodeCommit, puts: () => void): Promise<void> =>
    writeArtefacts(`cannot write the artefacts of ${record.node}`, made, puts);

  const writeArtefacts = async (fact: string, made: NodeCommit['artefacts'], puts: () => void): Promise<void> => {
    const contents = new Map<ArtefactDigest, StagedBytes | TakenArtefact>();
    try {
      for (const [digest, content] of made) {
        const isKept = 'kind' in content || bytes.has(digest);
        contents.set(digest, isKept ? content : await staged(content, work));
      }
      await writeForGood(fact, () => {
        for (const [digest, content] of contents) artefacts.put(digest, content);
        puts();
      });
    } catch (error) {
      throw storeFailure(error, `${fact} in ${directory}`, directory);
    } finally {
      for (const content of contents.values()) discard('kind' in content ? content.content : content);
    }
  };

  /** Keys say nothing of used software: another version of it replaces the record. Call it only inside a transaction. */
  const keepEarlier = ({ key, software, run }: NodeRecord): void => {
    const found = records.get(digestToBytes(key));
    const record = found && decodedOr(() => decodeJson<NodeRecord>(found));
    if (record?.software === undefined || record.software === software || record.run === run) return;
    const earlier = { run: record.run, software: record.software, outputs: outputDigests(record) };
    tables.stamps.put(earlierKey(key), encodeJson([...earlierResults(key), earlier].slice(-MOST_EARLIER)));
  };
  const earlierResults = (key: NodeKey): readonly EarlierResult[] => {
    const found = tables.stamps.get(earlierKey(key));
    return (found && decodedOr(() => decodeJson<EarlierResult[]>(found))) ?? [];
  };

  /** Call it only inside a transaction. */
  const putRecord = (record: NodeRecord, metrics: Buffer | undefined, software?: UsedSoftware): void => {
    if (record.software !== undefined && software)
      tables.stamps.put(softwareKey(record.software), encodeJson(software));
    const key = digestToBytes(record.key);
    const outputs = outputDigests(record);
    keepEarlier(record);
    const earlier = traces.get(key);
    if (earlier && String(decodeTrace(key, earlier)?.outputs) !== String(outputs)) confirmations.invalidate();
    records.put(key, encodeJson(record));
    if (metrics) tables.metrics.put(key, metrics);
    else if (tables.metrics.has(key)) tables.metrics.remove(key);
    traces.put(key, encodeTrace(key, { outputs, seconds: record.seconds }));
    lastKeys.put(nameKey(record.node), key);
  };

  const bundles = lmdbBundleCache(tables.stamps, tables.code, write);

  const trace = (key: NodeKey): Trace | undefined => {
    traceKey.write(key, 'hex');
    const found = traces.getBinaryFast(traceKey);
    return found && decodeTrace(traceKey, found);
  };

  return {
    access,
    bundles: access === 'read' ? withCodeInMemory(bundles) : bundles,
    inspection: lmdbInspection(
      {
        ...tables,
        bytes,
        held,
        artefacts,
        work,
        others: [
          tables.blobs,
          tables.directories,
          tables.parts,
          tables.packed,
          tables.packs,
          lastKeys,
          runs,
          tables.manifests,
          tables.resolutions,
          tables.journals,
          tables.stamps,
          tables.metrics,
          tables.traceLists,
          notes,
          tables.failures,
          tables.lastFailures,
        ],
      },
      confirmations,
      pins,
      { write, remove },
    ),
    files: lmdbArtefactFiles({ directory, bytes, packed, held, artefacts, work, write, sweep }),

    trace,

    traces: (name) => remembered.find(name, confirmations.revision()),

    rememberTraces: (lists, revision) =>
      write('cannot write traces', () => {
        if (confirmations.revision() !== revision) return;
        for (const [name, keys] of lists) {
          const found = keys.flatMap((key): readonly KeyedTrace[] => {
            const of = trace(key);
            return of ? [{ key, ...of }] : [];
          });
          if (found.length === keys.length) remembered.put(name, found, revision);
        }
      }),

    record(key) {
      const found = records.get(digestToBytes(key));
      // One that cannot be read counts as missing; `cache verify` reports it.
      return found && decodedOr(() => decodeJson<NodeRecord>(found));
    },

    software(digest) {
      const found = tables.stamps.get(softwareKey(digest));
      return found && decodedOr(() => decodeJson<UsedSoftware>(found));
    },

    earlierResults,

    metrics(key) {
      const found = tables.metrics.get(digestToBytes(key));
      return (found && decodedOr(() => decodeMetrics(found))) ?? [];
    },

    lastKey(node) {
      const found = lastKeys.get(nameKey(node));
      return found && digestFromBytes<NodeKey>(found);
    },

    rememberKeys(keys) {
      return write('cannot write keys', () => {
        for (const [node, key] of keys) lastKeys.put(nameKey(node), digestToBytes(key));
      });
    },

    hasArtefact: (digest) => bytes.has(digest),

    artefactBytes: (digest) => bytes.size(digest),

    artefact: (digest) => bytes.read(digest),

    commit(commit) {
      const metrics = encodeMetrics(commit.metrics ?? []);
      return writeNode(commit, () => putRecord(commit.record, metrics, commit.software));
    },

    restore: (commit) =>
      writeNode(commit, () => {
        const key = digestToBytes(commit.record.key);
        const trace = traces.get(key);
        if (trace && decodeTrace(key, trace)) return;
        putRecord(commit.record, encodeMetrics(commit.metrics ?? []), commit.software);
      }),

    receive: (received) => writeArtefacts('cannot write artefacts from another machine', received, () => {}),

    adopt(adopted) {
      return writeForGood('cannot write the records that are taken over', () => {
        for (const record of adopted) {
          putRecord(record, record.adopted && tables.metrics.get(digestToBytes(record.adopted.from)));
        }
      });
    },

    dropArtefacts: (digests) =>
      remove('cannot evict artefacts', () => digests.flatMap((digest) => artefacts.drop(digest))),

    async quarantine(digest) {
      const damaged = artefacts.damagedBytes(digest);
      const directories = new Set([...(held.directory(digest) ? [digest] : []), ...artefacts.directoriesWith(damaged)]);
      const lost = new Set([digest, ...damaged, ...directories]);
      const makers = [...this.records()].filter((record) => outputDigests(record).some((output) => lost.has(output)));
      await remove('cannot quarantine a damaged artefact', () => {
        for (const record of makers) traces.remove(digestToBytes(record.key));
        confirmations.invalidate();
        return artefacts.quarantine(damaged, [...directories]);
      });
      return makers.map(({ node }) => node);
    },

    *records() {
      for (const { value } of records.entries()) {
        const record = decodedOr(() => decodeJson<NodeRecord>(value));
        if (record) yield record;
      }
    },

    revision: confirmations.revision,

    confirmation(request) {
      const found = confirmations.find(request);
      // The run may have been forgotten since.
      return found && tables.manifests.has(Buffer.from(found.run)) ? found : undefined;
    },

    confirm: (request, confirmation, revision) =>
      write('cannot write that all is up to date', () => confirmations.put(request, confirmation, revision)),

    putRun({ label: _, ...run }) {
      return write('cannot write the run', () => runs.put(Buffer.from(run.id), encodeJson(run)));
    },

    putLabel: (run, label) => write('cannot write the name of the run', () => labels.put(run, label)),

    run(id) {
      const found = id !== '' && id.length <= LONGEST_RUN_ID ? runs.get(Buffer.from(id)) : undefined;
      return found && labelledRun(found);
    },

    *runs() {
      for (const { value } of runs.entries({ reverse: true })) {
        const run = labelledRun(value);
        if (run) yield run;
      }
    },

    putManifest: (run, manifest, journal) =>
      writeForGood('cannot write what the run resolved to', () => history.put(run, manifest, journal)),

    async shareManifest(run, earlier) {
      const shared = history.shared(earlier);
      if (shared) await write('cannot write what the run resolved to', () => history.putShared(run, shared));
      return shared !== undefined;
    },

    extendManifest: (run, progress) => write('cannot write the journal', () => history.extend(run, progress)),

    manifest: (run) => history.manifest(run),

    journal: (run) => history.journal(run),

    forgetRun: (run) =>
      write('cannot remove the run', () => {
        runs.remove(Buffer.from(run));
        history.forget(run);
        failures.forget(run);
        labels.forget(run);
      }),

    putFailures: (run, failed) => write('cannot write why a node failed', () => failures.put(run, failed)),

    failures: (run, node) => failures.of(run, node),

    lastFailure: (node) => failures.last(node),

    pins: pins.all,

    putPin: (pin) => write('cannot write the pin', () => pins.put(pin)),

    removePin: (name) => write('cannot remove the pin', () => pins.remove(name)),

    durations() {
      const found = notes.get(DURATIONS_KEY);
      return (found && decodedOr(() => decodeJson<Record<string, number>>(found))) ?? {};
    },

    putDurations: (seconds) => write('cannot write durations', () => notes.put(DURATIONS_KEY, encodeJson(seconds))),

    exchangeLease(exchange) {
      if (access === 'read') throw unwritableCache(directory);
      try {
        environment.transactionSync(() => {
          const current = notes.get(LEASE_KEY);
          const next = exchange(current && decodedOr(() => decodeJson<JsonValue>(current)));
          if (next === undefined) notes.remove(LEASE_KEY);
          else notes.put(LEASE_KEY, encodeJson(next));
        });
      } catch (error) {
        throw storeFailure(error, `cannot write the lease in ${directory}`, directory);
      }
    },

    writeUnder(token) {
      lease = token;
      work.useLease(token);
    },

    writeAmongOthers(name) {
      lease = undefined;
      work.useOwn(name);
    },

    refresh: () => environment.resetReadTxn(),

    isCurrent: () => currentFolder(directory) === folder,

    checkPresence,

    checkFile() {
      const before = isSuspect;
      isSuspect = true;
      checkDatabaseFile(database);
      isSuspect = before;
    },

    copyTo: (target) => environment.backup(target, true),

    statistics: () => statistics(environment, tables, bytes.count(), [...blobs.all(), ...packs.all()]),

    async close() {
      // After a failed commit, lmdb would wait forever for it to reach the disk.
      await (hasFailed ? Promise.race([environment.close(), sleep(CLOSE_MILLISECONDS)]) : environment.close());
      const isInOrder = first !== undefined && !hasFailed && !isSuspect && isStillWhole(database, first);
      if (access === 'write' && creation !== 'checked' && isInOrder) markClosed(folder);
    },
  };
}

/** Whether a file is the one that was opened, and has not become shorter. */
function isStillWhole(file: string, first: Stats): boolean {
  const now = statSync(file, { throwIfNoEntry: false });
  return now?.ino === first.ino && now.size >= first.size;
}

function statistics(
  environment: RootDatabase<Buffer, Buffer>,
  tables: Tables,
  artefacts: number,
  files: readonly { readonly bytes: number }[],
): StoreStatistics {
  const { mapSize, pageSize, lastPageNumber } = environment.getStats() as Record<string, number>;
  const pages = lastPageNumber === undefined ? undefined : (lastPageNumber + 1) * (pageSize ?? 4096);
  return {
    artefacts,
    records: tables.records.count(),
    runs: tables.runs.count(),
    databaseBytes: pages ?? mapSize ?? 0,
    blobBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
