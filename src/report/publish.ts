import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtefactDigest, digestBytes } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import { writeWholeFile } from '../base/whole-file.ts';
import type { OutputReference, PlanTarget } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';

/** A file of a target, by its path in the folder of results. */
export interface PublishedFile {
  readonly path: string;
  readonly digest: ArtefactDigest;
}

/** The files of targets whose nodes are finished, each path once. */
export function publishedFiles(
  targets: readonly PlanTarget[],
  digestOf: (source: OutputReference) => ArtefactDigest | undefined,
): readonly PublishedFile[] {
  const files = new Map<string, PublishedFile>();
  for (const { path, source } of targets.flatMap((target) => target.files)) {
    const digest = digestOf(source);
    if (digest) files.set(path, { path, digest });
  }
  return [...files.values()];
}

/**
 * Writes the files of targets under a folder, out of the cache. A file that has the right bytes already is left alone.
 *
 * @returns their paths.
 */
export function publishFiles(files: readonly PublishedFile[], store: Store, directory: string): readonly string[] {
  return files.map(({ path, digest }) => {
    const file = join(directory, path);
    if (!holds(file, digest)) writeArtefact(file, store.artefact(digest));
    return file;
  });
}

/**
 * Writes an artefact to a file of its own.
 * @throws {Failure} kind `environment` when the file system refuses.
 */
export function writeArtefact(file: string, bytes: Uint8Array): void {
  try {
    writeWholeFile(file, bytes);
  } catch (error) {
    const fact = `cannot write ${file} (${(error as Error).message})`;
    const fix = 'make room, or make the folder writable, and run again: the artefact is in the cache';
    throw new Failure('environment', { fact, fix }, { cause: error });
  }
}

function holds(file: string, digest: ArtefactDigest): boolean {
  return existsSync(file) && digestBytes(readFileSync(file)) === digest;
}
