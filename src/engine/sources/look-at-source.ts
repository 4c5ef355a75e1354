import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { type ArtefactDigest, digestBytes } from '../base/digest.ts';
import { hashHandle, withHandle } from '../store/blobs/file-bytes.ts';
import { type DirectoryEntry, encodeManifest } from '../store/directories/manifest.ts';
import { findFiles, type SourceFile, type SourcePlace } from './find-files.ts';
import { changedMeanwhile, type NamedSource, notPlain, unreadable } from './source-problem.ts';
import { StatCache } from './stat-cache.ts';

/** What a source holds now. Nothing is taken into the cache yet. */
export interface SourceState {
  /** Of the artefact. */
  readonly digest: ArtefactDigest;
  /** Of a directory. */
  readonly entries: readonly DirectoryEntry[] | undefined;
  /** Files and folders that decide it. */
  readonly watched: readonly string[];
}

/** Larger files are hashed in pieces, and do not hold up everything else. */
const LARGE_BYTES = 4n * 1024n * 1024n;

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
    return { digest: content.sha256 as ArtefactDigest, entries: undefined, watched: [] };
  }
  const cache = new StatCache(cacheDirectory, JSON.stringify([place.root, name, content]));
  const state =
    content.kind === 'file'
      ? await lookAtFile(source, content.path, place, cache)
      : await lookAtFiles(source, content.globs, place, cache);
  cache.write(cacheDirectory);
  return state;
}

async function lookAtFile(
  source: NamedSource,
  path: string,
  { root }: SourcePlace,
  cache: StatCache,
): Promise<SourceState> {
  const file = fileAt(source, path, root);
  const digest = await digestOf(source, file, cache);
  return { digest, entries: undefined, watched: [resolve(root, path), file.place] };
}

async function lookAtFiles(
  source: NamedSource,
  globs: readonly string[],
  place: SourcePlace,
  cache: StatCache,
): Promise<SourceState> {
  const { files, folders } = findFiles(source, globs, place);
  const entries: DirectoryEntry[] = [];
  for (const file of files) {
    // Waiting for each of a hundred thousand known digests would take longer than all the rest.
    const digest = cache.known(file.place, file.stats) ?? (await hashed(source, file, cache));
    entries.push({
      kind: 'file',
      path: file.path,
      digest,
      bytes: Number(file.stats.size),
      isExecutable: isExecutable(file.stats),
    });
  }
  const digest = digestBytes<ArtefactDigest>(encodeManifest(entries));
  return { digest, entries, watched: [...folders, ...files.map((file) => file.place)] };
}

/** @throws {Failure} unless there is a file that can be read */
export function fileAt(source: NamedSource, path: string, root: string): SourceFile {
  try {
    const place = realpathSync(resolve(root, path));
    const stats = statSync(place, { bigint: true });
    if (stats.isFile()) return { path, place, stats };
    throw notPlain(source, path, stats as never);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw unreadable(source, path, error);
  }
}

export function isExecutable({ mode }: BigIntStats): boolean {
  return (mode & 0o100n) !== 0n;
}

async function digestOf(source: NamedSource, file: SourceFile, cache: StatCache): Promise<ArtefactDigest> {
  return cache.known(file.place, file.stats) ?? hashed(source, file, cache);
}

async function hashed(source: NamedSource, file: SourceFile, cache: StatCache): Promise<ArtefactDigest> {
  const { path, place, stats } = file;
  const started = Date.now();
  try {
    const digest =
      stats.size > LARGE_BYTES
        ? (await withHandle(place, FLAGS, (handle) => hashHandle(handle))).digest
        : digestOfSmall(place, stats);
    const after = statSync(place, { bigint: true });
    if (digest === undefined || !isSame(stats, after)) throw changedMeanwhile(source, path);
    cache.keep(place, stats, digest, started);
    return digest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw unreadable(source, path, error);
  }
}

/** Undefined if it is no longer the file that was found. */
function digestOfSmall(place: string, stats: BigIntStats): ArtefactDigest | undefined {
  const descriptor = openSync(place, FLAGS);
  try {
    if (!isSame(stats, fstatSync(descriptor, { bigint: true }))) return undefined;
    return digestBytes<ArtefactDigest>(readFileSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}
