import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtefactDigest, digestBytes } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import { writeWholeFile } from '../base/whole-file.ts';
import type { OutputReference, PlanTarget } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';

/**
 * Writes the files of targets under a folder, out of the cache. A file that has the right bytes already is left alone;
 * one whose node did not finish is left as it was.
 *
 * @returns the paths of all files that are up to date now.
 */
export function publishTargets(
  targets: readonly PlanTarget[],
  digestOf: (source: OutputReference) => ArtefactDigest | undefined,
  store: Store,
  directory: string,
): readonly string[] {
  const published: string[] = [];
  for (const { path, source } of targets.flatMap(({ files }) => files)) {
    const digest = digestOf(source);
    if (!digest) continue;
    const file = join(directory, path);
    if (!holds(file, digest)) writeArtefact(file, store.artefact(digest));
    if (!published.includes(file)) published.push(file);
  }
  return published;
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
