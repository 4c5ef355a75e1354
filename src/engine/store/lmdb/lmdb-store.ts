import type { RootDatabase } from 'lmdb';
import type { ArtefactDigest } from '../../base/digest.ts';
import type { TakenArtefact } from '../artefact-files.ts';
import { BlobFolder } from '../blobs/blob-folder.ts';
import { PackFolder } from '../blobs/pack-folder.ts';
import { discard, type StagedBytes, staged } from '../blobs/staged-blob.ts';
import { WorkFolder } from '../blobs/work-folder.ts';
import type { InspectableStore } from '../inspection.ts';
import { outputDigests } from '../output-order.ts';
import type { KeyedTrace, NodeCommit, StoreStatistics } from '../store.ts';
import { lmdbArtefactFiles } from './artefact-files.ts';
import { Artefacts } from './artefacts.ts';
import { lmdbBundleCache, withCodeInMemory } from './bundles.ts';
import { markOpen } from './close-mark.ts';
import { lmdbConfirmations } from './confirmations.ts';
import { decodedOr, decodeJson, encodeJson } from './encoding.ts';
import { storeFailure } from './failure.ts';
import { lmdbFailures } from './failures.ts';
import { currentFolder } from './generation.ts';
import { HeldParts } from './held-parts.ts';
import { lmdbInspection } from './inspection.ts';
import { lmdbRunHistory } from './manifests.ts';
import { encodeMetrics } from './metrics.ts';
import { NodeRecords } from './node-records.ts';
import { type Creation, type OpenedEnvironment, openEnvironment } from './open.ts';
import { PackedBytes } from './packed-bytes.ts';
import { lmdbPins } from './pins.ts';
import { lmdbRememberedTraces } from './remembered-traces.ts';
import { lmdbRunLabels } from './run-labels.ts';
import { Runs } from './runs.ts';
import { checkSchema, keepSchema, openTable } from './schema.ts';
import { sealedTable } from './sealed-table.ts';
import { StoredBytes } from './stored-bytes.ts';
import { openTables, type Tables } from './tables.ts';
import { Transactions } from './transactions.ts';

/** A key of the table of notes. */
const DURATIONS_KEY = Buffer.from('durations');

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

function lmdbStore(opened: OpenedEnvironment, directory: string, creation: Creation, tables: Tables): InspectableStore {
  const { environment, folder, access } = opened;
  const { notes } = tables;
  const transactions = new Transactions(opened, directory, creation, notes);
  const write = (fact: string, puts: () => void) => transactions.write(fact, puts);
  const blobs = new BlobFolder(directory);
  const work = new WorkFolder(directory);
  const packs = new PackFolder(directory);
  const packed = new PackedBytes(tables, packs);
  const bytes = new StoredBytes(tables, blobs, packed, directory);
  const held = new HeldParts(tables);
  const artefacts = new Artefacts(bytes, held);
  const remembered = lmdbRememberedTraces(tables.traceLists);
  const confirmations = lmdbConfirmations(notes, remembered);
  const records = new NodeRecords(tables, confirmations);
  const pins = lmdbPins(notes);
  const labels = lmdbRunLabels(notes);
  const runs = new Runs(tables.runs, labels);
  const history = lmdbRunHistory(tables.manifests, tables.resolutions, tables.journals);
  const failures = lmdbFailures(tables.failures, tables.lastFailures);

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
      await transactions.writeForGood(fact, () => {
        for (const [digest, content] of contents) artefacts.put(digest, content);
        puts();
      });
    } catch (error) {
      throw storeFailure(error, `${fact} in ${directory}`, directory);
    } finally {
      for (const content of contents.values()) discard('kind' in content ? content.content : content);
    }
  };

  const bundles = lmdbBundleCache(tables.stamps, tables.code, write);

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
          tables.lastKeys,
          tables.runs,
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

    trace: (key) => records.trace(key),

    traces: (name) => remembered.find(name, confirmations.revision()),

    rememberTraces: (lists, revision) =>
      write('cannot write traces', () => {
        if (confirmations.revision() !== revision) return;
        for (const [name, keys] of lists) {
          const found = keys.flatMap((key): readonly KeyedTrace[] => {
            const of = records.trace(key);
            return of ? [{ key, ...of }] : [];
          });
          if (found.length === keys.length) remembered.put(name, found, revision);
        }
      }),

    record: (key) => records.record(key),

    software: (digest) => records.software(digest),

    earlierResults: (key) => records.earlierResults(key),

    metrics: (key) => records.metrics(key),

    lastKey: (node) => records.lastKey(node),

    rememberKeys: (keys) =>
      write('cannot write keys', () => {
        for (const [node, key] of keys) records.putLastKey(node, key);
      }),

    hasArtefact: (digest) => bytes.has(digest),

    artefactBytes: (digest) => bytes.size(digest),

    artefact: (digest) => bytes.read(digest),

    commit(commit) {
      const metrics = encodeMetrics(commit.metrics ?? []);
      return writeNode(commit, () => records.put(commit.record, metrics, commit.software));
    },

    restore: (commit) =>
      writeNode(commit, () => {
        if (records.trace(commit.record.key)) return;
        records.put(commit.record, encodeMetrics(commit.metrics ?? []), commit.software);
      }),

    receive: (received) => writeArtefacts('cannot write artefacts from another machine', received, () => {}),

    adopt: (adopted) =>
      transactions.writeForGood('cannot write the records that are taken over', () => {
        for (const record of adopted) {
          records.put(record, record.adopted && records.encodedMetrics(record.adopted.from));
        }
      }),

    dropArtefacts: (digests) =>
      remove('cannot evict artefacts', () => digests.flatMap((digest) => artefacts.drop(digest))),

    async quarantine(digest) {
      const damaged = artefacts.damagedBytes(digest);
      const directories = new Set([...(held.directory(digest) ? [digest] : []), ...artefacts.directoriesWith(damaged)]);
      const lost = new Set([digest, ...damaged, ...directories]);
      const makers = [...records.all()].filter((record) => outputDigests(record).some((output) => lost.has(output)));
      await remove('cannot quarantine a damaged artefact', () => {
        records.removeTraces(makers);
        return artefacts.quarantine(damaged, [...directories]);
      });
      return makers.map(({ node }) => node);
    },

    records: () => records.all(),

    revision: confirmations.revision,

    confirmation(request) {
      const found = confirmations.find(request);
      // The run may have been forgotten since.
      return found && tables.manifests.has(Buffer.from(found.run)) ? found : undefined;
    },

    confirm: (request, confirmation, revision) =>
      write('cannot write that all is up to date', () => confirmations.put(request, confirmation, revision)),

    putRun: (run) => write('cannot write the run', () => runs.put(run)),

    putLabel: (run, label) => write('cannot write the name of the run', () => labels.put(run, label)),

    run: (id) => runs.of(id),

    runs: () => runs.all(),

    putManifest: (run, manifest, journal) =>
      transactions.writeForGood('cannot write what the run resolved to', () => history.put(run, manifest, journal)),

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
        runs.forget(run);
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
      const found = notes.get(DURATIONS_KEY);
      return (found && decodedOr(() => decodeJson<Record<string, number>>(found))) ?? {};
    },

    putDurations: (seconds) => write('cannot write durations', () => notes.put(DURATIONS_KEY, encodeJson(seconds))),

    exchangeLease: (exchange) => transactions.exchangeLease(exchange),

    writeUnder(token) {
      transactions.writeUnder(token);
      work.useLease(token);
    },

    writeAmongOthers(name) {
      transactions.writeUnder(undefined);
      work.useOwn(name);
    },

    refresh: () => environment.resetReadTxn(),

    isCurrent: () => currentFolder(directory) === folder,

    checkPresence: () => transactions.checkPresence(),

    checkFile: () => transactions.checkFile(),

    copyTo: (target) => environment.backup(target, true),

    statistics: () => statistics(environment, tables, bytes.count(), [...blobs.all(), ...packs.all()]),

    close: () => transactions.close(),
  };
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
