import { randomUUID } from 'node:crypto';
import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../base/make-folder.ts';
import { namesIn } from '../../base/names-in.ts';
import { removeFolder } from '../../base/remove-folder.ts';

/** In a cache folder: files of nodes that are being executed, and artefacts that no transaction names yet. */
const WORK = 'work';

/** Of processes that write without a lease. Nobody else removes it while they live, so they remove what they make. */
const WITHOUT_LEASE = 'no-lease';

/** A place on the cache's disk for files that do not last longer than the run. Each lease has a folder of its own. */
export class WorkFolder {
  private readonly directory: string;
  private lease: string | undefined;
  private own = WITHOUT_LEASE;
  private isReady = false;

  constructor(cacheDirectory: string) {
    this.directory = join(cacheDirectory, WORK);
  }

  /** From now on, paths are those of a lease. */
  useLease(token: string | undefined): void {
    this.lease = token;
    this.isReady = false;
  }

  /** From now on, paths are those of a process among others. */
  useOwn(name: string): void {
    this.lease = undefined;
    this.own = name;
    this.isReady = false;
  }

  /** A path that nobody else has. Its folder is there, and the file is not. */
  newPath(): string {
    const own = this.lease ?? this.own;
    const folder = join(this.directory, own);
    if (!this.isReady) {
      // Those runs have ended: one lease is valid at a time. Their processes write nothing to the cache any more.
      if (this.lease !== undefined) this.removeAll(own);
      makeFolder(folder);
      this.isReady = true;
    }
    // Who kills what an ended process has started finds it by the number.
    return join(folder, `${process.pid}-${randomUUID()}`);
  }

  /** Every file in it, of whatever lease. */
  *files(folder = this.directory): Iterable<{ readonly bytes: number }> {
    let entries: readonly Dirent[] = [];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) yield* this.files(path);
      else yield { bytes: lstatSync(path, { throwIfNoEntry: false })?.size ?? 0 };
    }
  }

  /** Removes what killed runs have left. Call it while no run is active. */
  removeAll(except?: string): void {
    this.isReady = false;
    for (const name of namesIn(this.directory)) if (name !== except) removeFolder(join(this.directory, name));
  }
}
