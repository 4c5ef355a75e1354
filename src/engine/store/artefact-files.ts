import type { ArtefactDigest } from '../base/digest.ts';
import type { StagedBytes } from './blobs/staged-blob.ts';
import type { DirectoryEntry } from './directories/manifest.ts';
import type { FoundEntry } from './directories/read-tree.ts';

/** The artefact of a file, taken into the store. A commit keeps it. */
interface TakenFile {
  readonly kind: 'file';
  readonly digest: ArtefactDigest;
  readonly bytes: number;
  readonly content: StagedBytes;
}

/** The artefact of a folder: its manifest, and its files, which the store has already. */
interface TakenDirectory {
  readonly kind: 'directory';
  /** Of the manifest. */
  readonly digest: ArtefactDigest;
  /** Of all files. */
  readonly bytes: number;
  readonly files: number;
  readonly content: StagedBytes;
  /** Each once. */
  readonly parts: readonly ArtefactDigest[];
  /** What holds them until the commit and from then on. */
  readonly holder: string;
}

export type TakenArtefact = TakenFile | TakenDirectory;

/** An artefact at a path of its own. */
export interface GivenArtefact {
  /**
   * False if somebody has written to it although it cannot be written: some of its files may be hard links to the cache's own. Then whoever
   * read it may have read anything.
   */
  isUnchanged(): boolean;
}

/** What is done with an artefact at a path. */
export type Use = 'read' | 'own';

/** Artefacts as files and folders: how programs and stages that work with paths leave and get them. Neither ever holds a large one in memory. */
export interface ArtefactFiles {
  /** A path on the cache's disk that nobody else has. Nothing is there. The next run removes what a killed one has left there. */
  newPath(): string;
  /**
   * Takes a file or a folder into the store. Commit it, or release it.
   * @param isOwn whether nobody else needs it, so that large files are moved instead of copied
   * @throws {Failure} kind `stage` for what cannot be kept: pipes, sockets, devices, links that lead out, names that are not UTF-8, what
   *   cannot be read or changes meanwhile. Kind `store` where the cache cannot be written.
   */
  take(path: string, type: 'file' | 'directory', isOwn: boolean): Promise<TakenArtefact>;
  /** Takes bytes as they come, as a file. Commit it, or release it. @throws what the bytes throw, and {Failure} as `take` does */
  takeBytes(name: string, chunks: AsyncIterable<Uint8Array>): Promise<TakenArtefact>;
  /** Takes files from anywhere as one directory, as `take` does. They stay where they are. @param name for messages */
  takeEntries(name: string, entries: Iterable<FoundEntry>): Promise<TakenArtefact>;
  /** Removes what no commit has kept. */
  release(taken: TakenArtefact): Promise<void>;
  /** Whether an artefact is a directory; its bytes are a manifest then. */
  isDirectory(digest: ArtefactDigest): boolean;
  /**
   * Puts an artefact at a path, where nothing may be. Its bytes are checked.
   * @param use `read`: it cannot be written, and is a clone, a hard link or a copy, whatever the file system can do. `own`: it belongs to the
   *   caller, and is a clone or a copy.
   * @throws {UnreadableArtefact} when it is missing or damaged
   * @throws {Failure} kind `environment` when the path cannot be written
   */
  give(digest: ArtefactDigest, path: string, use: Use): Promise<GivenArtefact>;
  /**
   * The bytes piece by piece; those of a directory are its manifest.
   * @throws {UnreadableArtefact} before the first piece
   */
  read(digest: ArtefactDigest): AsyncIterable<Uint8Array>;
  /**
   * A part of the bytes, to be looked at: those of a large artefact are not checked, since that would read all of it.
   * @throws {UnreadableArtefact}
   */
  part(digest: ArtefactDigest, offset: number, length: number): Promise<Uint8Array>;
  /** What a directory holds, in the order of the paths; undefined for anything else. @throws {UnreadableArtefact} */
  entries(digest: ArtefactDigest): readonly DirectoryEntry[] | undefined;
}
