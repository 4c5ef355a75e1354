import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { nearestName, type SourceRange } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { fileKind } from '../base/file-kind.ts';
import { ifThere } from '../base/if-there.ts';
import type { StagePlaces } from '../pipeline/pipeline.ts';
import { type CodeFile, codeFile } from './code-file.ts';

/** The code of a command is kept in the cache, and written again for each node. */
const LIMIT_BYTES = 32 * 1024 * 1024;

/** What interpreters and tools leave next to code. */
const SKIPPED = new Set(['__pycache__', 'node_modules', '.git', '.venv', '.vmfdag']);

/** The folder of the project. */
export interface CodeFolder {
  /** The folder of the pipeline file. */
  readonly root: string;
  /** Folders in the project that hold no code: its results and its cache. */
  readonly excluded: readonly string[];
}

/** Where the entries of `code` are looked up, and where they are in the pipeline file. */
export interface CodePlace extends CodeFolder {
  /** `code`, or the stage where it has none. */
  readonly range: SourceRange;
  readonly entries: readonly SourceRange[];
}

export function codePlace(folder: CodeFolder, { code, codeEntries }: StagePlaces<SourceRange>): CodePlace {
  return { ...folder, range: code, entries: codeEntries };
}

/**
 * Reads files of code, in the order of their paths.
 * @param paths with the entries that name them; undefined for what Python imports
 * @throws {Failure} kind `usage` for what cannot be read, or is too much
 */
export function readCodeFiles(
  paths: ReadonlyMap<string, SourceRange | undefined>,
  place: CodePlace,
): readonly CodeFile[] {
  let bytes = 0;
  return [...paths.keys()].sort().map((path) => {
    const { content, mode } = readCode(path, at(place, paths.get(path)));
    bytes += content.length;
    if (bytes > LIMIT_BYTES) {
      const fact = `with ${path}, the code of the command has more than ${LIMIT_BYTES / 2 ** 20} MiB`;
      throw refused(place, fact, 'name only code in "code:", and read data as an input');
    }
    return codeFile(path, (mode & 0o100) !== 0, content);
  });
}

/**
 * The paths of the files that entries of `code` name, sorted, each with the first entry that does.
 * @throws {Failure} kind `usage` for an entry that names nothing, and for what is no file
 */
export function codePaths(entries: readonly string[], place: CodePlace): ReadonlyMap<string, SourceRange> {
  const found = new Map<string, SourceRange>();
  for (const [index, entry] of entries.entries()) {
    const own = at(place, place.entries[index]);
    const paths = picomatch.scan(entry).isGlob ? matching(entry, own) : filesAt(entry, own);
    if (paths.length === 0) {
      const near = nearestFile(entry, place);
      if (near === entry) throw refused(own, `"code" names ${entry}, a folder without code`, 'remove the entry');
      const fix = near === undefined ? 'correct the path, or remove the entry' : `did you mean ${near}?`;
      throw refused(own, `"code" names ${entry}, and there is no such file`, fix);
    }
    for (const path of paths) if (!found.has(path)) found.set(path, own.range);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function at(place: CodePlace, range: SourceRange = place.range): CodePlace {
  return { ...place, range };
}

/** What decides which files the entries of `code` name: the entries, or the folders that are looked through for them. What is missing is among it. */
export function lookedThrough(entries: readonly string[], place: CodePlace): readonly string[] {
  return entries.flatMap((entry) => {
    const { base, isGlob } = picomatch.scan(entry);
    const path = isGlob ? base : entry;
    const stats = ifThere((options) => statSync(resolve(place.root, path), options));
    return [path, ...(stats?.isDirectory() ? foldersBelow(path, place) : [])].map((each) => resolve(place.root, each));
  });
}

function foldersBelow(folder: string, place: CodePlace): readonly string[] {
  return readFolder(folder, place).flatMap((entry) => {
    const path = inFolder(folder, entry.name);
    return entry.isDirectory() && holdsCode(path, entry.name, place) ? [path, ...foldersBelow(path, place)] : [];
  });
}

/** A file or folder next to where this one would be, with nearly the same name. */
function nearestFile(entry: string, { root }: CodePlace): string | undefined {
  const folder = dirname(entry);
  try {
    const near = nearestName(basename(entry), readdirSync(resolve(root, folder)));
    return near === undefined ? undefined : join(folder, near);
  } catch {
    return undefined;
  }
}

function matching(glob: string, place: CodePlace): readonly string[] {
  const isMatch = picomatch(glob, { dot: true });
  return filesAt(picomatch.scan(glob).base, place).filter((path) => isMatch(path));
}

/** The file at a path, or the files of a folder. */
function filesAt(path: string, place: CodePlace): readonly string[] {
  const stats = ifThere((options) => statSync(resolve(place.root, path), options));
  if (!stats) return [];
  if (stats.isFile()) return [path];
  if (!stats.isDirectory()) {
    throw refused(place, `"code" names ${path}, which is a ${fileKind(stats)}`, 'name files and folders');
  }
  return below(path, place);
}

function below(folder: string, place: CodePlace): readonly string[] {
  const found: string[] = [];
  for (const entry of readFolder(folder, place)) {
    const path = inFolder(folder, entry.name);
    if (entry.name.includes('\uFFFD')) {
      throw refused(place, `${path} has a name that is not UTF-8`, 'rename it, or name single files in "code:"');
    }
    if (entry.isDirectory()) {
      if (holdsCode(path, entry.name, place)) found.push(...below(path, place));
    } else if (entry.isFile()) found.push(path);
    else if (entry.isSymbolicLink()) found.push(...linked(path, place));
    else throw refused(place, `${path} is no file and no folder`, 'remove it, or name single files in "code:"');
  }
  return found;
}

function inFolder(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function holdsCode(folder: string, name: string, { root, excluded }: CodePlace): boolean {
  return !SKIPPED.has(name) && !excluded.includes(resolve(root, folder));
}

/** A link to a file is that file. One to a folder could lead anywhere, also in a circle. */
function linked(path: string, place: CodePlace): readonly string[] {
  if (statSync(join(place.root, path), { throwIfNoEntry: false })?.isFile()) return [path];
  throw refused(place, `${path} is a link that leads to no file`, 'name the folder behind it in "code:"');
}

function readFolder(folder: string, place: CodePlace) {
  try {
    return readdirSync(resolve(place.root, folder), { withFileTypes: true });
  } catch (error) {
    throw refused(place, `${folder || 'the project'} cannot be read: ${(error as Error).message}`, 'make it readable');
  }
}

function readCode(path: string, place: CodePlace): { readonly content: Buffer; readonly mode: number } {
  const file = resolve(place.root, path);
  try {
    return { content: readFileSync(file), mode: statSync(file).mode };
  } catch (error) {
    throw refused(
      place,
      `${path} cannot be read: ${(error as Error).message}`,
      'make it readable, or name other files',
    );
  }
}

function refused({ range }: CodePlace, fact: string, fix: string): Failure {
  return new Failure('usage', { fact, fix, range });
}
