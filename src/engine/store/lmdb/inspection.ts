import type { Database } from 'lmdb';
import {
  type ArtefactDigest,
  type CodeFingerprint,
  digestFromBytes,
  digestToBytes,
  type NodeKey,
} from '../../base/digest.ts';
import type { WorkFolder } from '../blobs/work-folder.ts';
import type { StoredEntry, StoredResult, StoreInspection } from '../inspection.ts';
import type { NodeRecord } from '../store.ts';
import type { Artefacts } from './artefacts.ts';
import { decodedCode } from './bundles.ts';
import type { Confirmations } from './confirmations.ts';
import { decodedOr, decodeJson, decodeTrace } from './encoding.ts';
import type { HeldParts } from './held-parts.ts';
import type { Pins } from './pins.ts';
import type { SealedTable } from './sealed-table.ts';
import type { StoredBytes } from './stored-bytes.ts';

type Table = Database<Buffer, Buffer>;

interface InspectedTables {
  readonly traces: Table;
  readonly bytes: StoredBytes;
  readonly held: HeldParts;
  readonly artefacts: Artefacts;
  readonly work: WorkFolder;
  readonly records: SealedTable;
  readonly code: SealedTable;
  readonly metrics: SealedTable;
  /** Tables of which only the seal is checked. */
  readonly others: readonly SealedTable[];
}

interface Writes {
  write(fact: string, puts: () => void): Promise<void>;
  /** Removes the files of what `drop` returns once it is committed. */
  remove(fact: string, drop: () => readonly ArtefactDigest[]): Promise<void>;
}

export function lmdbInspection(
  tables: InspectedTables,
  confirmations: Pick<Confirmations, 'invalidate'>,
  pins: Pick<Pins, 'all'>,
  { write, remove }: Writes,
): StoreInspection {
  const { bytes, held, artefacts, work, traces, records, code, metrics, others } = tables;

  function resultAt(keyBytes: Buffer): StoredResult {
    const key = digestFromBytes<NodeKey>(keyBytes);
    const [record, trace] = [records.look(keyBytes), traces.get(keyBytes)];
    return {
      key,
      record: record.kind === 'sound' ? (decodedOr(() => decodeRecord(record.value, key)) ?? 'damaged') : record.kind,
      trace: trace ? (decodeTrace(keyBytes, trace) ?? 'damaged') : 'missing',
    };
  }

  return {
    artefacts: () => artefacts.all(),

    bytes: () => bytes.all(),

    isSound: (digest) => bytes.isSound(digest),

    directoriesWith: (part) => artefacts.directoriesWith([part]),

    *incompleteDirectories() {
      for (const { manifest, bytes: size } of held.allDirectories()) {
        const parts = artefacts.partsOf(manifest);
        if (parts && !parts.every((part) => bytes.has(part))) yield { digest: manifest, bytes: size };
      }
    },

    *results() {
      const keys = new Set<string>();
      for (const key of [...records.keys(), ...traces.getKeys()]) keys.add(asBuffer(key).toString('hex'));
      for (const key of [...keys].sort()) yield resultAt(Buffer.from(key, 'hex'));
    },

    *code() {
      for (const key of code.keys()) {
        const fingerprint = digestFromBytes<CodeFingerprint>(key);
        const value = code.get(key);
        yield { fingerprint, isSound: value !== undefined && decodedCode(fingerprint, value) !== undefined };
      }
    },

    *damagedEntries() {
      for (const table of others) {
        for (const key of table.damagedKeys()) yield { table: table.name, key: key.toString('hex') };
      }
    },

    quarantined: () => bytes.quarantined(),

    removeResults(keys, what) {
      return write('cannot remove records', () => {
        const kept = what === 'traces' ? new Set() : new Set(pins.all().flatMap((pin) => pin.keys));
        for (const key of keys) {
          // Pinned since the caller looked.
          if (kept.has(key)) continue;
          traces.remove(digestToBytes(key));
          if (what === 'traces') continue;
          records.remove(digestToBytes(key));
          metrics.remove(digestToBytes(key));
        }
        confirmations.invalidate();
      });
    },

    removeCode(fingerprints) {
      return write('cannot remove the code of stages', () => {
        for (const fingerprint of fingerprints) code.remove(digestToBytes(fingerprint));
      });
    },

    removeEntries(entries: readonly StoredEntry[]) {
      return write('cannot remove damaged entries', () => {
        for (const { table, key } of entries) {
          others.find(({ name }) => name === table)?.remove(Buffer.from(key, 'hex'));
        }
      });
    },

    clearQuarantine() {
      return write('cannot remove damaged artefacts', () => {
        bytes.clearQuarantine();
      });
    },

    leftovers() {
      const found = [...bytes.unnamed(), ...work.files()];
      return { files: found.length, bytes: found.reduce((sum, { bytes: size }) => sum + size, 0) };
    },

    async removeLeftovers() {
      work.removeAll();
      await remove('cannot remove what killed runs have left', () => artefacts.releaseAbandoned());
      if (this.leftovers().files > 0) {
        await write('cannot remove what killed runs have left', () => bytes.sweepUnnamed());
      }
    },
  };
}

function decodeRecord(encoded: Buffer, key: NodeKey): NodeRecord {
  const record = decodeJson<NodeRecord>(encoded);
  if (record.key !== key || typeof record.node !== 'string') throw new Error('not the record of this key');
  return record;
}

function asBuffer(key: unknown): Buffer {
  return Buffer.from(key as Uint8Array);
}
