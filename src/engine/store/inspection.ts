import type { ArtefactDigest, CodeFingerprint, NodeKey } from '../base/digest.ts';
import type { NodeRecord, Store, Trace } from './store.ts';

/** An artefact in the store. */
export interface StoredArtefact {
  readonly digest: ArtefactDigest;
  readonly bytes: number;
}

/** What the store holds under a node's key. Either may be missing, or `damaged` if it cannot be decoded. */
export interface StoredResult {
  readonly key: NodeKey;
  readonly record: NodeRecord | 'missing' | 'damaged';
  readonly trace: Trace | 'missing' | 'damaged';
}

/** A value of another table: history, stamps of bundles, and so on. */
export interface StoredEntry {
  readonly table: string;
  /** Hexadecimal. */
  readonly key: string;
}

/** The inside of a store, for commands that check it and make room in it. */
export interface StoreInspection {
  artefacts(): Iterable<StoredArtefact>;
  /** Hashes the bytes. Missing bytes are not sound either. */
  isSound(digest: ArtefactDigest): boolean;
  /** In the order of the keys. */
  results(): Iterable<StoredResult>;
  /** All code, and whether it matches its fingerprint. */
  code(): Iterable<{ readonly fingerprint: CodeFingerprint; readonly isSound: boolean }>;
  /** Damaged values of all other tables. */
  damagedEntries(): Iterable<StoredEntry>;
  /** Quarantined artefacts. */
  quarantined(): Iterable<StoredArtefact>;
  /** Removes traces, and the records too if `what` says so. The nodes are no longer up to date. */
  removeResults(keys: readonly NodeKey[], what: 'traces' | 'records and traces'): Promise<void>;
  removeCode(fingerprints: readonly CodeFingerprint[]): Promise<void>;
  removeEntries(entries: readonly StoredEntry[]): Promise<void>;
  clearQuarantine(): Promise<void>;
}

/** A store that can be inspected. */
export interface InspectableStore extends Store {
  readonly inspection: StoreInspection;
}
