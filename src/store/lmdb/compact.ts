import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeWholeFile } from '../../base/whole-file.ts';
import type { Store } from '../store.ts';
import { storeFailure } from './failure.ts';
import { currentFolder, currentGeneration, GENERATION_FILE, generationFolder } from './generation.ts';

export interface Compaction {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Writes the pages that are in use into a new file, and puts that in the old one's place: a subfolder of its own, which the file `generation`
 * names from then on. Renaming that file is the one step that counts: killed before it, the process leaves the old cache; after it, the new one.
 * Processes that have the old file open keep it until they close it. To be called by the process that holds the lease.
 *
 * @throws {Failure} kind `store` when there is no room for the copy, or it cannot be written.
 */
export async function compactStore(store: Store, directory: string): Promise<Compaction> {
  const old = currentFolder(directory);
  const generation = currentGeneration(directory) + 1;
  const fresh = generationFolder(directory, generation);
  const part = `${fresh}.part`;
  const bytesBefore = sizeOf(old);
  try {
    removeLeftovers(directory, old);
    mkdirSync(part);
    await store.copyTo(part);
    flush(join(part, 'data.mdb'));
    renameSync(part, fresh);
    flush(directory);
    writeWholeFile(join(directory, GENERATION_FILE), `${generation}\n`);
    flush(directory);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw storeFailure(error, `cannot compact the cache in ${directory}`, directory);
  }
  removeLeftovers(directory, fresh);
  return { bytesBefore, bytesAfter: sizeOf(fresh) };
}

/** Removes all files of a cache but those in the folder that holds it. */
function removeLeftovers(directory: string, current: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const isOfCache = /^generation-\d+(\.part)?$/.test(name) || name === 'data.mdb' || name === 'lock.mdb';
    const isCurrent = path === current || (current === directory && name.endsWith('.mdb'));
    if (isOfCache && !isCurrent) rmSync(path, { recursive: true, force: true });
  }
}

function sizeOf(folder: string): number {
  return statSync(join(folder, 'data.mdb')).size;
}

function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
