import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ArtefactDigest } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import type { OutputReference, PlanTarget } from '../../plan/plan.ts';
import type { ResultFile, Store } from '../../store/store.ts';
import { markFigure } from './figure-mark.ts';
import { fileWithin } from './file-within.ts';
import { holdsArtefact, LARGEST_FIGURE_BYTES, plainBytes } from './held-artefact.ts';
import { placeArtefact } from './place-artefact.ts';
import { writeArtefact } from './write-artefact.ts';

/** The artefact of a finished node. */
export type MadeArtefact = Omit<ResultFile, 'path'>;

/** Where files of targets go. */
export interface ResultsFolder {
  /** Nothing is written outside of it. It may be a link; links inside it must not lead out. */
  readonly root: string;
  /** The folder in it that holds the files of this profile, or the root itself. */
  readonly directory: string;
}

/** The files of targets whose nodes are finished, each path once. */
export function publishedFiles(
  targets: readonly PlanTarget[],
  artefactOf: (source: OutputReference) => MadeArtefact | undefined,
): readonly ResultFile[] {
  const files = new Map<string, ResultFile>();
  for (const { path, source } of targets.flatMap((target) => target.files)) {
    const artefact = artefactOf(source);
    if (artefact) files.set(path, { path, ...artefact });
  }
  return [...files.values()];
}

/**
 * Writes the files of targets under a folder, out of the cache; figures say where they come from (see `markFigure`). A file that already has the right bytes is not touched. If something is in the way of
 * one, the others are still written.
 *
 * @param earlier what earlier runs have written to these paths. A folder that holds anything else is left as it is, and named.
 * @returns their paths
 * @throws {Failure} with everything that was in the way
 */
export async function publishFiles(
  files: readonly ResultFile[],
  store: Store,
  results: ResultsFolder,
  earlier: ReadonlyMap<string, ArtefactDigest> = new Map(),
): Promise<readonly string[]> {
  const failures: Failure[] = [];
  for (const file of files) {
    try {
      await publishFile(file, store, results, earlier.get(file.path));
    } catch (error) {
      // Nothing more is written of a damaged artefact: the caller repairs it first.
      if (!(error instanceof Failure) || error.kind === 'store') throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) {
    const kind = failures.some((failure) => failure.kind === 'usage') ? 'usage' : 'environment';
    throw new Failure(
      kind,
      failures.flatMap(({ diagnostics }) => diagnostics),
    );
  }
  return files.map(({ path }) => join(results.directory, path));
}

async function publishFile(
  file: ResultFile,
  store: Store,
  results: ResultsFolder,
  earlier: ArtefactDigest | undefined,
): Promise<void> {
  const { path, digest } = file;
  if (store.files.isDirectory(digest)) {
    await publishFolder(resultFile(results, path, 'folder'), digest, store, earlier);
    return;
  }
  const place = resultFile(results, path);
  if ((store.artefactBytes(digest) ?? 0) <= LARGEST_FIGURE_BYTES) {
    if (!holds(place, file)) writeArtefact(place, markFigure(store.artefact(digest), file));
  } else if (!holdsArtefact(place, digest)) await placeArtefact(place, digest, store);
}

async function publishFolder(
  place: string,
  digest: ArtefactDigest,
  store: Store,
  earlier: ArtefactDigest | undefined,
): Promise<void> {
  const isThere = existsSync(place);
  if (isThere && holdsArtefact(place, digest)) return;
  if (isThere && !(earlier && holdsArtefact(place, earlier))) {
    throw new Failure('environment', {
      fact: `${place} holds something else than what a run has written there`,
      fix: 'move it away or remove it, and run again: what vmfdag has written there is in the cache',
    });
  }
  await placeArtefact(place, digest, store, isThere);
}

/**
 * Where to write a file or a folder of the results.
 * @throws {Failure} if it would not be inside the results folder, or something is in the way
 */
export function resultFile({ root, directory }: ResultsFolder, path: string, kind: 'file' | 'folder' = 'file'): string {
  return fileWithin(root, [...relative(root, directory).split(/[\\/]/).filter(Boolean), path].join('/'), kind);
}

/** A file that cannot be read, or not at once, counts as different from the artefact: it is written again. */
function holds(place: string, file: ResultFile): boolean {
  try {
    if (!lstatSync(place).isFile()) return false;
    const found = readFileSync(place);
    const plain = plainBytes(found, file.digest);
    return plain !== undefined && Buffer.compare(markFigure(plain, file), found) === 0;
  } catch {
    return false;
  }
}
