import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, RootDatabase } from 'lmdb';
import { type ArtefactDigest, digestBytes, digestFromBytes, digestToBytes, type NodeKey } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import type { JsonValue } from '../../base/json.ts';
import type { InspectableStore } from '../inspection.ts';
import { outputDigests } from '../output-order.ts';
import type { NodeCommit, NodeRecord, RunRecord, StoreStatistics, Trace } from '../store.ts';
import { UnreadableArtefact } from '../unreadable-artefact.ts';
import { lmdbBundleCache } from './bundles.ts';
import { lmdbConfirmations } from './confirmations.ts';
import { decodedOr, decodeJson, decodeTrace, encodeJson, encodeTrace, nameKey } from './encoding.ts';
import { causeOfCommitFailure, isWorthAnotherTry, removedCache, storeFailure } from './failure.ts';
import { lmdbFailures } from './failures.ts';
import { currentFolder } from './generation.ts';
import { lmdbInspection } from './inspection.ts';
import { lmdbRunHistory } from './manifests.ts';
import { type Creation, openEnvironment, STORE_SCHEMA } from './open.ts';
import { lmdbPins } from './pins.ts';

type Table = Database<Buffer, Buffer>;

/** Filled anew for each look-up of a trace, of which an up-to-date run makes one per node. LMDB is done with it when the call returns. */
const traceKey = Buffer.allocUnsafe(32);

const SCHEMA_KEY = Buffer.from('schema');
const LEASE_KEY = Buffer.from('lease');
const DURATIONS_KEY = Buffer.from('durations');

const CLOSE_MILLISECONDS = 200;

/** Opens the store in a folder. Any number of processes may have it open at once. */
export function openStore(directory: string, creation: Creation = 'create'): InspectableStore {
  const { environment, folder } = openEnvironment(directory, creation);
  try {
    const table = (name: string): Table => environment.openDB(name, { keyEncoding: 'binary', encoding: 'binary' });
    const meta = table('meta');
    checkSchema(meta, directory);
    return lmdbStore(environment, directory, folder, { meta, ...tables(table) });
  } catch (error) {
    void environment.close();
    throw storeFailure(error, `cannot open the cache in ${directory}`, directory);
  }
}

function tables(table: (name: string) => Table) {
  return {
    artefacts: table('artefacts'),
    traces: table('traces'),
    records: table('records'),
    lastKeys: table('lastKeys'),
    runs: table('runs'),
    manifests: table('manifests'),
    resolutions: table('resolutions'),
    journals: table('journals'),
    failures: table('failures'),
    lastFailures: table('lastFailures'),
    stamps: table('stamps'),
    code: table('code'),
    quarantine: table('quarantine'),
  };
}

/** What is kept of the lease. */
interface KeptLease {
  readonly token: string;
}

type Tables = ReturnType<typeof tables> & { readonly meta: Table };

function checkSchema(meta: Table, directory: string): void {
  const found = meta.get(SCHEMA_KEY);
  if (found === undefined) {
    meta.putSync(SCHEMA_KEY, encodeJson({ version: STORE_SCHEMA }));
    return;
  }
  const { version } = decodeJson<{ version: number }>(found);
  if (version === STORE_SCHEMA) return;
  throw new Failure('store', {
    fact: `the cache in ${directory} has schema ${version}; this vmfdag reads schema ${STORE_SCHEMA}`,
    fix:
      version > STORE_SCHEMA
        ? 'it was written by a newer vmfdag: use that one, or another folder with --cache DIR'
        : 'it was written by an older vmfdag: use another folder with --cache DIR, or delete this one',
  });
}

function lmdbStore(
  environment: RootDatabase<Buffer, Buffer>,
  directory: string,
  folder: string,
  tables: Tables,
): InspectableStore {
  const { meta, artefacts, traces, records, lastKeys, runs, quarantine } = tables;
  const file = fileNumber(folder);
  const confirmations = lmdbConfirmations(meta);
  const pins = lmdbPins(meta);
  const history = lmdbRunHistory(tables.manifests, tables.resolutions, tables.journals);
  const failures = lmdbFailures(tables.failures, tables.lastFailures);

  let hasFailed = false;
  /** Writes that are committed and wait to be flushed. */
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
        // lmdb never tells those that wait for the disk when a commit that was grouped with theirs has failed.
        for (const reject of waiting) reject(cause);
        waiting.clear();
      }
      throw cause;
    }
  };

  let lease: string | undefined;
  /** Only inside a transaction: no other process can begin a run between this and what is written. */
  const checkLease = (): void => {
    if (lease === undefined) return;
    const current = meta.get(LEASE_KEY);
    if (current && decodeJson<Partial<KeptLease>>(current).token === lease) return;
    throw new Failure('store', {
      fact: `another run has begun on the cache in ${directory}`,
      fix: 'the run that this process worked for was ended: run again',
    });
  };

  const write = async (fact: string, puts: () => void): Promise<void> => {
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
    if (fileNumber(folder) !== file) throw removedCache(directory);
  };
  /** For what a run makes. */
  const writeForGood = async (fact: string, puts: () => void): Promise<void> => {
    await write(fact, puts);
    checkPresence();
  };

  /** Both only inside a transaction. */
  const putArtefacts = ({ artefacts: content }: NodeCommit): void => {
    for (const [digest, bytes] of content) {
      const key = digestToBytes(digest);
      if (!artefacts.doesExist(key)) artefacts.put(key, asBuffer(bytes));
    }
  };
  const putRecord = (record: NodeRecord): void => {
    const key = digestToBytes(record.key);
    const outputs = outputDigests(record);
    const earlier = traces.get(key);
    if (earlier && String(decodedOr(() => decodeTrace(earlier))?.outputs) !== String(outputs))
      confirmations.invalidate();
    records.put(key, encodeJson(record));
    traces.put(key, encodeTrace({ outputs, seconds: record.seconds }));
    lastKeys.put(nameKey(record.node), key);
  };

  return {
    bundles: lmdbBundleCache(tables.stamps, tables.code, write),
    inspection: lmdbInspection(tables, confirmations, pins, write),

    trace(key: NodeKey): Trace | undefined {
      traceKey.write(key, 'hex');
      const found = traces.getBinaryFast(traceKey);
      return found && decodeTrace(found);
    },

    record(key) {
      const found = records.get(digestToBytes(key));
      // One that cannot be read is as good as none; `cache verify` reports it.
      return found && decodedOr(() => decodeJson<NodeRecord>(found));
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

    hasArtefact: (digest) => artefacts.doesExist(digestToBytes(digest)),

    artefact: (digest) => readArtefact(artefacts, digest, directory),

    commit(commit: NodeCommit) {
      return writeForGood(`cannot write the artefacts of ${commit.record.node}`, () => {
        putArtefacts(commit);
        putRecord(commit.record);
      });
    },

    restore(commit) {
      return writeForGood(`cannot write the artefacts of ${commit.record.node}`, () => {
        putArtefacts(commit);
        if (!traces.doesExist(digestToBytes(commit.record.key))) putRecord(commit.record);
      });
    },

    dropArtefacts(digests) {
      return write('cannot drop artefacts', () => {
        for (const digest of digests) artefacts.remove(digestToBytes(digest));
      });
    },

    async quarantine(digest) {
      const makers = [...this.records()].filter((record) => outputDigests(record).includes(digest));
      await write('cannot set a damaged artefact aside', () => {
        const key = digestToBytes(digest);
        const bytes = artefacts.get(key);
        if (bytes) quarantine.put(key, bytes);
        artefacts.remove(key);
        for (const record of makers) traces.remove(digestToBytes(record.key));
        confirmations.invalidate();
      });
      return makers.map(({ node }) => node);
    },

    *records() {
      for (const { value } of records.getRange()) {
        const record = decodedOr(() => decodeJson<NodeRecord>(value));
        if (record) yield record;
      }
    },

    revision: confirmations.revision,

    confirmation(request) {
      const found = confirmations.find(request);
      // The run may have been forgotten since.
      return found && tables.manifests.doesExist(Buffer.from(found.run)) ? found : undefined;
    },

    confirm: (request, confirmation, revision) =>
      write('cannot write that all is up to date', () => confirmations.put(request, confirmation, revision)),

    putRun: (run) => write('cannot write the run', () => void runs.put(Buffer.from(run.id), encodeJson(run))),

    *runs() {
      for (const { value } of runs.getRange({ reverse: true })) yield decodeJson<RunRecord>(value);
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
      }),

    putFailures: (run, failed) => write('cannot write why a node failed', () => failures.put(run, failed)),

    failures: (run, node) => failures.of(run, node),

    lastFailure: (node) => failures.last(node),

    pins: pins.all,

    putPin: (pin) => write('cannot write the pin', () => pins.put(pin)),

    removePin: (name) => write('cannot remove the pin', () => pins.remove(name)),

    durations() {
      const found = meta.get(DURATIONS_KEY);
      return found ? decodeJson<Record<string, number>>(found) : {};
    },

    putDurations: (seconds) => write('cannot write durations', () => void meta.put(DURATIONS_KEY, encodeJson(seconds))),

    exchangeLease(exchange) {
      try {
        environment.transactionSync(() => {
          const current = meta.get(LEASE_KEY);
          const next = exchange(current && decodeJson<JsonValue>(current));
          if (next === undefined) meta.removeSync(LEASE_KEY);
          else meta.putSync(LEASE_KEY, encodeJson(next));
        });
      } catch (error) {
        throw storeFailure(error, `cannot write the lease in ${directory}`, directory);
      }
    },

    writeUnder(token) {
      lease = token;
    },

    refresh: () => environment.resetReadTxn(),

    isCurrent: () => currentFolder(directory) === folder,

    checkPresence,

    copyTo: (target) => environment.backup(target, true),

    statistics: () => statistics(environment, tables),

    // After a failed commit, lmdb waits for ever for it to reach the disk.
    close: () => (hasFailed ? Promise.race([environment.close(), sleep(CLOSE_MILLISECONDS)]) : environment.close()),
  };
}

function readArtefact(artefacts: Table, digest: ArtefactDigest, directory: string): Uint8Array {
  const found = artefacts.getBinaryFast(digestToBytes(digest));
  if (!found) throw new UnreadableArtefact(digest, directory);
  // LMDB's own memory, or a larger buffer that the next read overwrites: the copy is what makes the bytes safe to keep.
  const owned = new Uint8Array(found.length);
  owned.set(found.subarray(0, found.length));
  const actual = digestBytes<ArtefactDigest>(owned);
  if (actual !== digest) throw new UnreadableArtefact(digest, directory, actual);
  return owned;
}

/** Tells the database's file from another one of the same name; nothing if there is none. */
function fileNumber(folder: string): number | undefined {
  return statSync(join(folder, 'data.mdb'), { throwIfNoEntry: false })?.ino;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function statistics(environment: RootDatabase<Buffer, Buffer>, tables: Tables): StoreStatistics {
  const entries = (table: Table) => (table.getStats() as { entryCount: number }).entryCount;
  const { mapSize, pageSize, lastPageNumber } = environment.getStats() as Record<string, number>;
  const pages = lastPageNumber === undefined ? undefined : (lastPageNumber + 1) * (pageSize ?? 4096);
  return {
    artefacts: entries(tables.artefacts),
    records: entries(tables.records),
    runs: entries(tables.runs),
    databaseBytes: pages ?? mapSize ?? 0,
  };
}
