import type { ArtefactDigest, CodeFingerprint, NodeKey } from '../base/digest.ts';
import type { NodeRecord, Store, Trace } from './store.ts';

/** An artefact as it lies in the store. */
export interface StoredArtefact {
  readonly digest: ArtefactDigest;
  readonly bytes: number;
}

/** What the store holds under a node's key. Either may be missing, or not decodable, which is `damaged`. */
export interface StoredResult {
  readonly key: NodeKey;
  readonly record: NodeRecord | 'missing' | 'damaged';
  readonly trace: Trace | 'missing' | 'damaged';
}

/** A value of another table: of the history, of what spares bundling, and so on. */
export interface StoredEntry {
  readonly table: string;
  /** Hexadecimal. */
  readonly key: string;
}

/** The store from the inside, for those who check it and make room in it. */
export interface StoreInspection {
  artefacts(): Iterable<StoredArtefact>;
  /** Hashes the bytes. One that is not there is not sound either. */
  isSound(digest: ArtefactDigest): boolean;
  /** In the order of the keys. */
  results(): Iterable<StoredResult>;
  /** All code, and whether it is what its fingerprint was made from. */
  code(): Iterable<{ readonly fingerprint: CodeFingerprint; readonly isSound: boolean }>;
  /** Of all other tables, what is not what was written. */
  damagedEntries(): Iterable<StoredEntry>;
  /** Damaged artefacts that were set aside. */
  quarantined(): Iterable<StoredArtefact>;
  /** Removes traces, and the records too where `records` says so: the nodes are no longer up to date. */
  removeResults(keys: readonly NodeKey[], what: 'traces' | 'records and traces'): Promise<void>;
  removeCode(fingerprints: readonly CodeFingerprint[]): Promise<void>;
  removeEntries(entries: readonly StoredEntry[]): Promise<void>;
  clearQuarantine(): Promise<void>;
}

/** A store that can be looked into. */
export interface InspectableStore extends Store {
  readonly inspection: StoreInspection;
}
