import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../store.ts';
import { MARK_FILE } from './close-mark.ts';
import { storeFailure } from './failure.ts';
import { currentFolder, currentGeneration, GENERATION_FILE, generationFolder } from './generation.ts';

export interface Compaction {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Writes the used pages into a new file, which then replaces the old one. The new file lies in a subfolder of its own, which the file `generation`
 * names from then on. Renaming `generation` is the step that counts: a process killed before it leaves the old cache, and one killed after it the new one.
 * Processes that have the old file open keep it until they close it. Only the process that holds the lease may call this.
 *
 * @throws {Failure} kind `store` when there is no room for the copy, or it cannot be written
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
    nameGeneration(directory, generation);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw storeFailure(error, `cannot compact the cache in ${directory}`, directory);
  }
  removeLeftovers(directory, fresh);
  return { bytesBefore, bytesAfter: sizeOf(fresh) };
}

/** Flushes the content before the name. Otherwise, after a power failure, an empty file could stand for a cache whose old files were removed. */
function nameGeneration(directory: string, generation: number): void {
  const file = join(directory, GENERATION_FILE);
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, `${generation}\n`);
  flush(part);
  renameSync(part, file);
  flush(directory);
}

/** Removes all files of a cache except those in its present folder. */
function removeLeftovers(directory: string, current: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const isOfDatabase = ['data.mdb', 'lock.mdb', MARK_FILE].includes(name);
    const isOfCache = /^generation(-\d+|(-\d+)?(\.\d+)?\.part)$/.test(name) || isOfDatabase;
    const isCurrent = path === current || (current === directory && isOfDatabase);
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
