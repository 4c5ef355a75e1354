import type { Database } from 'lmdb';
import {
  type ArtefactDigest,
  type CodeFingerprint,
  digestBytes,
  digestFromBytes,
  digestToBytes,
  type NodeKey,
} from '../../base/digest.ts';
import type { StoredArtefact, StoredEntry, StoredResult, StoreInspection } from '../inspection.ts';
import type { NodeRecord } from '../store.ts';
import { soundCode } from './bundles.ts';
import type { Confirmations } from './confirmations.ts';
import { decodedOr, decodeJson, decodeTrace } from './encoding.ts';
import type { Pins } from './pins.ts';
import type { SealedTable } from './sealed-table.ts';

type Table = Database<Buffer, Buffer>;

interface InspectedTables {
  readonly artefacts: Table;
  readonly traces: Table;
  readonly quarantine: Table;
  readonly records: SealedTable;
  readonly code: SealedTable;
  /** Tables of which only the seal is checked. */
  readonly others: readonly SealedTable[];
}

export function lmdbInspection(
  tables: InspectedTables,
  confirmations: Pick<Confirmations, 'invalidate'>,
  pins: Pick<Pins, 'all'>,
  write: (fact: string, puts: () => void) => Promise<void>,
): StoreInspection {
  const { artefacts, traces, records, code, quarantine, others } = tables;

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
    artefacts: () => sizes(artefacts),

    isSound(digest) {
      const found = artefacts.getBinaryFast(digestToBytes(digest));
      return found !== undefined && digestBytes<ArtefactDigest>(found.subarray(0, found.length)) === digest;
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
        yield { fingerprint, isSound: value !== undefined && soundCode(fingerprint, value) !== undefined };
      }
    },

    *damagedEntries() {
      for (const table of others) {
        for (const key of table.damagedKeys()) yield { table: table.name, key: key.toString('hex') };
      }
    },

    quarantined: () => sizes(quarantine),

    removeResults(keys, what) {
      return write('cannot remove records', () => {
        const kept = what === 'traces' ? new Set() : new Set(pins.all().flatMap((pin) => pin.keys));
        for (const key of keys) {
          // Pinned since the caller looked.
          if (kept.has(key)) continue;
          traces.remove(digestToBytes(key));
          if (what === 'records and traces') records.remove(digestToBytes(key));
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
        for (const key of [...quarantine.getKeys()]) quarantine.remove(key);
      });
    },
  };
}

function* sizes(table: Table): Iterable<StoredArtefact> {
  for (const key of table.getKeys()) {
    const digest = digestFromBytes<ArtefactDigest>(asBuffer(key));
    // The length alone: LMDB's own memory need not be copied for that.
    yield { digest, bytes: table.getBinaryFast(digestToBytes(digest))?.length ?? 0 };
  }
}

function decodeRecord(encoded: Buffer, key: NodeKey): NodeRecord {
  const record = decodeJson<NodeRecord>(encoded);
  if (record.key !== key || typeof record.node !== 'string') throw new Error('not the record of this key');
  return record;
}

function asBuffer(key: unknown): Buffer {
  return Buffer.from(key as Uint8Array);
}
