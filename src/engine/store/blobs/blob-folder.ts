import { renameSync, rmSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtefactDigest } from '../../base/digest.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { namesIn } from '../../base/names-in.ts';
import type { StoredArtefact } from '../stored-artefact.ts';
import { flush } from './flush.ts';

/** Artefacts with more bytes than this are files of their own. LMDB holds the others. */
export const LARGEST_INLINE_BYTES = 4 * 1024 * 1024;

/** In a cache folder, next to the database. A compaction leaves them where they are. */
const BLOBS = 'blobs';
const QUARANTINE = 'quarantine';

const DIGEST = /^[0-9a-f]{64}$/;

/**
 * The files of large artefacts, each under its digest. LMDB's table of blobs says which of them count: a process that is killed may leave others.
 * Whoever adds a file does so in the transaction that names it, and whoever removes one does so in a transaction that does not name it. So LMDB's
 * lock orders the two.
 */
export class BlobFolder {
  private readonly blobs: string;
  private readonly quarantine: string;

  constructor(cacheDirectory: string) {
    this.blobs = join(cacheDirectory, BLOBS);
    this.quarantine = join(cacheDirectory, QUARANTINE);
  }

  place(digest: ArtefactDigest): string {
    return join(this.blobs, digest.slice(0, 2), digest);
  }

  /** Undefined for a missing file, and for anything else in its place. */
  find(digest: ArtefactDigest): Stats | undefined {
    const found = statSync(this.place(digest), { throwIfNoEntry: false });
    return found?.isFile() ? found : undefined;
  }

  /** Gives a flushed file of the same disk its name, and flushes the name. */
  add(file: string, digest: ArtefactDigest): void {
    const place = this.place(digest);
    const folder = join(this.blobs, digest.slice(0, 2));
    if (!statSync(folder, { throwIfNoEntry: false })) {
      makeFolder(folder);
      flush(this.blobs);
    }
    try {
      renameSync(file, place);
    } catch (error) {
      // A transaction that is tried twice has renamed it already.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !this.find(digest)) throw error;
    }
    flush(folder);
  }

  remove(digest: ArtefactDigest): void {
    rmSync(this.place(digest), { force: true });
  }

  /** Takes a damaged file out of use, and keeps it. */
  setApart(digest: ArtefactDigest): void {
    if (!this.find(digest)) return;
    makeFolder(this.quarantine);
    renameSync(this.place(digest), join(this.quarantine, digest));
  }

  /** All files, whether a table names them or not. */
  *all(): Iterable<StoredArtefact> {
    for (const part of namesIn(this.blobs)) yield* artefactsIn(join(this.blobs, part));
  }

  quarantined(): Iterable<StoredArtefact> {
    return artefactsIn(this.quarantine);
  }

  clearQuarantine(): void {
    rmSync(this.quarantine, { recursive: true, force: true });
  }
}

function* artefactsIn(folder: string): Iterable<StoredArtefact> {
  for (const name of namesIn(folder)) {
    if (!DIGEST.test(name)) continue;
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    if (found?.isFile()) yield { digest: name as ArtefactDigest, bytes: found.size };
  }
}
