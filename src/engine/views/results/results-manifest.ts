import { lstatSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isJsonObject } from '../../base/json.ts';
import { writeWholeFile } from '../../base/whole-file.ts';
import type { ResultFile } from '../../store/store.ts';
import { holdsArtefact } from './held-artefact.ts';
import { type ResultsFolder, resultFile } from './publish-files.ts';

/** A file in a folder of results that says where each of its files comes from. */
export const MANIFEST_FILE = '.vmfdag-results.json';

const FORMAT = 1;

/** The settings that a file was made with. */
export interface ResultSettings {
  readonly profile: string | null;
  /** The `--set` of the command line. */
  readonly set: readonly string[];
}

/** A file of the results, and what made it. */
export interface ResultEntry extends ResultFile, ResultSettings {
  /** The first run that found the file to be right under these settings. */
  readonly run: string;
}

/** The content of a folder's manifest; undefined where it is missing or cannot be read. */
export function readResultsManifest(directory: string): readonly ResultEntry[] {
  try {
    const file = join(directory, MANIFEST_FILE);
    if (!lstatSync(file).isFile()) return [];
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isJsonObject(content) || content.format !== FORMAT || !Array.isArray(content.files)) return [];
    return content.files.filter(isEntry);
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is ResultEntry {
  if (!isJsonObject(value)) return false;
  const { path, digest, node, output, key, run, profile, set } = value;
  const texts = [path, digest, node, output, key, run];
  return (
    texts.every((text) => typeof text === 'string') &&
    isBelow(path as string) &&
    (profile === null || typeof profile === 'string') &&
    Array.isArray(set) &&
    set.every((text) => typeof text === 'string')
  );
}

/** Whoever wrote the manifest: nothing outside of its folder is read. */
function isBelow(path: string): boolean {
  return !isAbsolute(path) && !path.split(/[\\/]/).includes('..');
}

/** The manifest after a run has published files. An unchanged entry keeps its run. */
export function withPublished(
  earlier: readonly ResultEntry[],
  files: readonly ResultFile[],
  run: string,
  settings: ResultSettings,
): readonly ResultEntry[] {
  const before = new Map(earlier.map((entry) => [entry.path, entry]));
  for (const file of files) {
    const entry = { ...file, run, ...settings };
    const old = before.get(file.path);
    if (!old || !isSame(old, entry)) before.set(file.path, entry);
  }
  return [...before.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isSame(a: ResultEntry, b: ResultEntry): boolean {
  return a.digest === b.digest && a.key === b.key && a.node === b.node && a.output === b.output && sameSettings(a, b);
}

export function sameSettings(a: ResultSettings, b: ResultSettings): boolean {
  return (
    a.profile === b.profile && a.set.length === b.set.length && a.set.every((text, index) => text === b.set[index])
  );
}

/** Writes a manifest if it has changed. */
export function writeResultsManifest(
  results: ResultsFolder,
  earlier: readonly ResultEntry[],
  entries: readonly ResultEntry[],
): void {
  const changed = earlier.length !== entries.length || entries.some((entry, index) => entry !== earlier[index]);
  // A target may have a file of this very name, which then wins.
  if (!changed || entries.some(({ path }) => path === MANIFEST_FILE)) return;
  try {
    const text = JSON.stringify({ format: FORMAT, files: entries }, null, 1);
    writeWholeFile(resultFile(results, MANIFEST_FILE), `${text}\n`);
  } catch {
    // The files are as they should be: a folder that takes no more files is no reason to fail.
  }
}

/** Whether a file still holds what a run wrote there. A file that somebody has changed or replaced is not ours to report. */
export function isAsWritten(directory: string, { path, digest }: Pick<ResultEntry, 'path' | 'digest'>): boolean {
  return holdsArtefact(join(directory, path), digest);
}
