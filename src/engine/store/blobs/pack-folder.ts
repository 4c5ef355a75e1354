import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../base/make-folder.ts';
import { namesIn } from '../../base/names-in.ts';
import { withHandle, writeAll } from './file-bytes.ts';
import { flush } from './flush.ts';
import type { WorkFolder } from './work-folder.ts';

/** In a cache folder, next to the database. */
const PACKS = 'packs';

/** A flushed file in the work folder that holds many small files, one after the other. */
export interface StagedPack {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
}

/** Where a pack holds something. */
export interface PackPlace {
  readonly pack: string;
  readonly at: number;
  readonly bytes: number;
}

/**
 * Small files of directories, thousands in a file. LMDB would map all of them into memory, and flushing a file for each would take minutes. As with blobs, tables of
 * LMDB say what counts, and files are added and removed under its lock.
 */
export class PackFolder {
  private readonly directory: string;

  constructor(cacheDirectory: string) {
    this.directory = join(cacheDirectory, PACKS);
  }

  /** Undefined if the file is missing or too short. */
  read({ pack, at, bytes }: PackPlace): Uint8Array | undefined {
    const read = new Uint8Array(bytes);
    let descriptor: number;
    try {
      descriptor = openSync(join(this.directory, pack), 'r');
    } catch {
      return undefined;
    }
    try {
      return readSync(descriptor, read, 0, bytes, at) === bytes ? read : undefined;
    } finally {
      closeSync(descriptor);
    }
  }

  /** Gives a pack its name, and flushes the name. */
  add({ name, file }: StagedPack): void {
    const place = join(this.directory, name);
    // A transaction that is tried twice has renamed it already.
    if (statSync(place, { throwIfNoEntry: false })) return;
    makeFolder(this.directory);
    renameSync(file, place);
    flush(this.directory);
  }

  remove(name: string): void {
    rmSync(join(this.directory, name), { force: true });
  }

  *all(): Iterable<{ readonly name: string; readonly bytes: number }> {
    for (const name of namesIn(this.directory)) {
      const found = statSync(join(this.directory, name), { throwIfNoEntry: false });
      if (/^[0-9a-f]{32}$/.test(name) && found?.isFile()) yield { name, bytes: found.size };
    }
  }
}

/** Writes bytes one after the other into a file. */
export async function stagedPack(contents: readonly Uint8Array[], work: WorkFolder): Promise<StagedPack> {
  const file = work.newPath();
  try {
    await withHandle(file, 'wx', async (handle) => {
      await writeAll(handle, Buffer.concat(contents));
      await handle.chmod(0o444);
      await handle.sync();
    });
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
  const bytes = contents.reduce((sum, { length }) => sum + length, 0);
  return { name: randomBytes(16).toString('hex'), file, bytes };
}
