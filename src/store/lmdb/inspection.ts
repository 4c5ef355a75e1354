import type { Database } from 'lmdb';
import {
  type ArtefactDigest,
  type CodeFingerprint,
  digestBytes,
  digestFromBytes,
  digestToBytes,
  type NodeKey,
} from '../../base/digest.ts';
import type { StoredArtefact, StoredResult, StoreInspection } from '../inspection.ts';
import type { NodeRecord } from '../store.ts';
import { soundCode } from './bundles.ts';
import type { Confirmations } from './confirmations.ts';
import { decodedOr, decodeJson, decodeTrace } from './encoding.ts';
import type { Pins } from './pins.ts';

type Table = Database<Buffer, Buffer>;

interface InspectedTables {
  readonly artefacts: Table;
  readonly traces: Table;
  readonly records: Table;
  readonly code: Table;
  readonly quarantine: Table;
}

const DIGEST_BYTES = 32;

export function lmdbInspection(
  tables: InspectedTables,
  confirmations: Pick<Confirmations, 'invalidate'>,
  pins: Pick<Pins, 'all'>,
  write: (fact: string, puts: () => void) => Promise<void>,
): StoreInspection {
  const { artefacts, traces, records, code, quarantine } = tables;

  function resultAt(keyBytes: Buffer): StoredResult {
    const key = digestFromBytes<NodeKey>(keyBytes);
    const [record, trace] = [records.get(keyBytes), traces.get(keyBytes)];
    return {
      key,
      record: record ? (decodedOr(() => decodeRecord(record, key)) ?? 'damaged') : 'missing',
      trace: trace ? (decodedOr(() => wholeTrace(trace)) ?? 'damaged') : 'missing',
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
      for (const table of [records, traces]) for (const key of table.getKeys()) keys.add(asBuffer(key).toString('hex'));
      for (const key of [...keys].sort()) yield resultAt(Buffer.from(key, 'hex'));
    },

    *code() {
      for (const { key, value } of code.getRange()) {
        const fingerprint = digestFromBytes<CodeFingerprint>(asBuffer(key));
        yield { fingerprint, isSound: soundCode(fingerprint, value) !== undefined };
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
    // The length alone: bytes are not copied out of LMDB's own memory before they are looked at.
    yield { digest, bytes: table.getBinaryFast(digestToBytes(digest))?.length ?? 0 };
  }
}

function decodeRecord(encoded: Buffer, key: NodeKey): NodeRecord {
  const record = decodeJson<NodeRecord>(encoded);
  if (record.key !== key || typeof record.node !== 'string') throw new Error('not the record of this key');
  return record;
}

function wholeTrace(encoded: Buffer) {
  if (encoded.length < 8 || (encoded.length - 8) % DIGEST_BYTES !== 0) throw new Error('not a trace');
  return decodeTrace(encoded);
}

function asBuffer(key: unknown): Buffer {
  return Buffer.from(key as Uint8Array);
}
