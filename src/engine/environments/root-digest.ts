import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileKind } from '../base/file-kind.ts';
import { hashFile } from '../base/hash-file.ts';
import { isJsonObject } from '../base/json.ts';
import { readRegularFile } from '../base/regular-file.ts';
import { writeWholeFile } from '../base/whole-file.ts';
import { isBefore } from '../keys/file-states.ts';

const KEPT_LIMIT = 4096;

/** In the container, others are mounted there. Where a system is mounted on those of the root, they change all the time, and reading them may never end. */
export const COVERED_FOLDERS: readonly string[] = ['proc', 'dev'];

interface Entry {
  /** Relative to the root. */
  readonly path: string;
  readonly stats: BigIntStats;
}

/**
 * The digest of a folder with all that is in it: names, links, contents and who may execute them. Files are read again only if one of them has
 * another size, time or number than the last time. What is in covered folders does not count.
 * @param place where the digest is kept
 */
export function rootDigest(root: string, place: string): string {
  const sinceMs = Date.now();
  const entries = [...entriesIn(root, '')];
  const lasting = entries.filter(({ path }) => !COVERED_FOLDERS.includes(path));
  const state = stateOf(root, lasting);
  const known = keptAt(place, state);
  if (known !== undefined) return known;
  const digest = contentOf(root, entries);
  if (lasting.every(({ stats }) => isBefore(stats.ctimeNs, sinceMs))) {
    try {
      writeWholeFile(place, `${JSON.stringify({ state, digest })}\n`);
    } catch {
      // The cache may be read-only.
    }
  }
  return digest;
}

function* entriesIn(root: string, folder: string): Iterable<Entry> {
  let names: readonly string[] = [];
  try {
    names = readdirSync(join(root, folder)).sort();
  } catch (error) {
    // What the user may not list is not seen in the container either.
    if (folder === '') throw error;
  }
  for (const name of names) {
    const path = join(folder, name);
    const stats = lstatSync(join(root, path), { bigint: true, throwIfNoEntry: false });
    if (!stats) continue;
    yield { path, stats };
    if (stats.isDirectory() && !COVERED_FOLDERS.includes(path)) yield* entriesIn(root, path);
  }
}

function stateOf(root: string, entries: readonly Entry[]): string {
  const hash = createHash('sha256').update(root);
  for (const { path, stats } of entries) {
    hash.update(`${path}\0${stats.mode}\0${stats.size}\0${stats.ino}\0${stats.mtimeNs}\0${stats.ctimeNs}\0`);
  }
  return hash.digest('hex');
}

function contentOf(root: string, entries: readonly Entry[]): string {
  const hash = createHash('sha256');
  for (const { path, stats } of entries) {
    const mark = stats.mode & 0o111n ? 'x' : '-';
    hash.update(JSON.stringify([path, fileKind(stats), mark, partOf(join(root, path), stats)]));
  }
  return hash.digest('hex');
}

function partOf(place: string, stats: BigIntStats): string | null {
  try {
    if (stats.isSymbolicLink()) return readlinkSync(place);
    return stats.isFile() ? hashFile(place) : null;
  } catch {
    return null;
  }
}

function keptAt(place: string, state: string): string | undefined {
  try {
    const kept: unknown = JSON.parse(readRegularFile(place, KEPT_LIMIT).toString('utf8'));
    if (isJsonObject(kept) && kept.state === state && typeof kept.digest === 'string') return kept.digest;
  } catch {
    // Nobody has looked at it.
  }
  return undefined;
}
