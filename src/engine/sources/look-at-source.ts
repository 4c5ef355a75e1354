import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ArtefactDigest, digestBytes } from '../base/digest.ts';
import { hashHandle, withHandle } from '../store/blobs/file-bytes.ts';
import { type DirectoryEntry, encodeManifest } from '../store/directories/manifest.ts';
import { FileStamps } from './file-stamps.ts';
import { type FoundFiles, findFiles, type SourcePlace } from './find-files.ts';
import { changedMeanwhile, type NamedSource, notPlain, unreadable } from './source-problem.ts';
import { StatCache } from './stat-cache.ts';

/** What a source holds now. Nothing is taken into the cache yet. */
export interface SourceState {
  /** Of the artefact. */
  readonly digest: ArtefactDigest;
  /** Of a directory. They are listed for the first question: nobody asks as long as nothing has changed. */
  readonly entries: (() => readonly DirectoryEntry[]) | undefined;
  /** Files and folders that decide it. */
  readonly watched: () => readonly string[];
}

/** Larger files are hashed in pieces, and do not hold up everything else. */
const LARGE_BYTES = 4 * 1024 * 1024;

/** Opening a pipe would wait for a writer. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * The digest of a source's content. Files that are as they were when they were hashed last are not read.
 * @throws {Failure} for what is missing, or cannot be read
 */
export async function lookAtSource(
  source: NamedSource,
  place: SourcePlace,
  cacheDirectory: string,
): Promise<SourceState> {
  const { name, content } = source;
  if (content.kind === 'url') {
    return { digest: content.sha256 as ArtefactDigest, entries: undefined, watched: () => [] };
  }
  const cache = new StatCache(cacheDirectory, JSON.stringify([place.root, name, content]));
  const look =
    content.kind === 'file'
      ? lookAtFile(source, content.path, place, cache)
      : lookAtFiles(source, content.globs, place, cache);
  const { state, isNew } = await look;
  if (isNew) cache.write(cacheDirectory, state.digest);
  return state;
}

interface Look {
  readonly state: SourceState;
  /** Whether the stat cache may have to be written. */
  readonly isNew: boolean;
}

async function lookAtFile(source: NamedSource, path: string, { root }: SourcePlace, cache: StatCache): Promise<Look> {
  const { place, stats } = fileAt(source, path, root);
  const found = { paths: [path], places: [place], stamps: new FileStamps(), folders: [] };
  found.stamps.add(stats);
  const [digest] = (await digestsOf(source, found, cache)) as [ArtefactDigest];
  return { state: { digest, entries: undefined, watched: () => [resolve(root, path), place] }, isNew: true };
}

async function lookAtFiles(
  source: NamedSource,
  globs: readonly string[],
  place: SourcePlace,
  cache: StatCache,
): Promise<Look> {
  const found = findFiles(source, globs, place);
  const watched = () => [...found.folders, ...found.places];
  const whole = cache.whole(found.places, found.stamps);
  if (whole) return { state: { digest: whole, entries: () => knownEntries(found, cache), watched }, isNew: false };
  const entries = entriesOf(found, await digestsOf(source, found, cache));
  const digest = digestBytes<ArtefactDigest>(encodeManifest(entries));
  return { state: { digest, entries: () => entries, watched }, isNew: true };
}

function knownEntries(found: FoundFiles, cache: StatCache): readonly DirectoryEntry[] {
  return entriesOf(
    found,
    found.places.map((place, index) => cache.known(place, found.stamps, index) as ArtefactDigest),
  );
}

function entriesOf({ paths, stamps }: FoundFiles, digests: readonly ArtefactDigest[]): readonly DirectoryEntry[] {
  return paths.map((path, index): DirectoryEntry => {
    const [bytes, isExecutable] = [stamps.size(index), stamps.isExecutable(index)];
    return { kind: 'file', path, digest: digests[index] as ArtefactDigest, bytes, isExecutable };
  });
}

/** @throws {Failure} unless there is a file that can be read */
export function fileAt(
  source: NamedSource,
  path: string,
  root: string,
): { readonly place: string; readonly stats: Stats } {
  try {
    const place = realpathSync(resolve(root, path));
    const stats = statSync(place);
    if (stats.isFile()) return { place, stats };
    throw notPlain(source, path, stats);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw unreadable(source, path, error);
  }
}

async function digestsOf(source: NamedSource, found: FoundFiles, cache: StatCache): Promise<readonly ArtefactDigest[]> {
  const digests: ArtefactDigest[] = [];
  for (const [index, place] of found.places.entries()) {
    // Waiting for each of a hundred thousand known digests would take longer than all the rest.
    digests.push(cache.known(place, found.stamps, index) ?? (await hashed(source, found, index, cache)));
  }
  return digests;
}

async function hashed(
  source: NamedSource,
  found: FoundFiles,
  index: number,
  cache: StatCache,
): Promise<ArtefactDigest> {
  const { stamps } = found;
  const [path, place] = [found.paths[index] as string, found.places[index] as string];
  const started = Date.now();
  try {
    const digest =
      stamps.size(index) > LARGE_BYTES
        ? (await withHandle(place, FLAGS, (handle) => hashHandle(handle))).digest
        : digestOfSmall(place, stamps, index);
    if (digest === undefined || !isAsFound(statSync(place), stamps, index)) throw changedMeanwhile(source, path);
    cache.keep(place, stamps, index, digest, started);
    return digest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw unreadable(source, path, error);
  }
}

/** Undefined if it is no longer the file that was found. */
function digestOfSmall(place: string, stamps: FileStamps, index: number): ArtefactDigest | undefined {
  const descriptor = openSync(place, FLAGS);
  try {
    if (!isAsFound(fstatSync(descriptor), stamps, index)) return undefined;
    return digestBytes<ArtefactDigest>(readFileSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

function isAsFound(now: Stats, stamps: FileStamps, index: number): boolean {
  const stamp = new FileStamps();
  stamp.add(now);
  return stamps.isSame(index, stamp.of(0), 0);
}
