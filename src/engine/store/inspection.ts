import type { ArtefactDigest, CodeFingerprint, NodeKey } from '../base/digest.ts';
import type { NodeRecord, Store, Trace } from './store.ts';
import type { StoredArtefact } from './stored-artefact.ts';

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
  /** Outputs. The bytes of a directory are those of its manifest and of all files that no earlier one has. */
  artefacts(): Iterable<StoredArtefact>;
  /** All that is stored under a digest of its own: files of directories too. */
  bytes(): Iterable<StoredArtefact>;
  /** Hashes the bytes. Missing bytes are not sound either. */
  isSound(digest: ArtefactDigest): boolean;
  /** The directories that have these bytes as a file. */
  directoriesWith(part: ArtefactDigest): readonly ArtefactDigest[];
  /** Directories of which a file is not there. */
  incompleteDirectories(): Iterable<StoredArtefact>;
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
  /** What killed processes have left: files that nothing names. */
  leftovers(): Leftovers;
  /** Removes them. Call it while no run is active. */
  removeLeftovers(): Promise<void>;
}

export interface Leftovers {
  readonly files: number;
  readonly bytes: number;
}

/** A store that can be inspected. */
export interface InspectableStore extends Store {
  readonly inspection: StoreInspection;
}
