import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { printableName } from '../base/printable.ts';
import { FileStamps } from './file-stamps.ts';
import { type Globs, readGlobs } from './globs.ts';
import { type NamedSource, notPlain, sourceProblem, unreadable } from './source-problem.ts';

/** Where sources are looked for. */
export interface SourcePlace {
  /** The folder of the pipeline file. */
  readonly root: string;
  /** Folders whose content no glob takes: the cache, and the results. */
  readonly excluded: readonly string[];
}

export function sourcePlace(root: string, cacheDirectory: string): SourcePlace {
  return { root, excluded: [cacheDirectory, join(root, 'results')] };
}

/** The files that the globs of a source take. */
export interface FoundFiles {
  /** In the artefact. */
  readonly paths: readonly string[];
  /** Without links. */
  readonly places: readonly string[];
  readonly stamps: FileStamps;
  /** All folders that were looked through. A new file changes its folder. */
  readonly folders: readonly string[];
}

/**
 * The files that the globs of a source take, by the names that they have. Links are followed: what they lead to is what a program would read.
 * @throws {Failure} for a glob without a match, and for what matches and is no file that can be read
 */
export function findFiles(source: NamedSource, written: readonly string[], place: SourcePlace): FoundFiles {
  const globs = readGlobs(written);
  const search = new Search(source, globs, place);
  for (const { folder, depth } of globs.tops) search.lookThrough(folder, resolve(place.root, folder), depth, []);
  const unmatched = globs.parts.find(({ matches }) => !search.globPaths.some(matches));
  if (!unmatched) return search;
  const fact = `no file matches "${printableName(unmatched.glob)}"`;
  throw sourceProblem(source, fact, 'correct the glob, or put files there; hidden ones are taken only by name');
}

class Search implements FoundFiles {
  readonly paths: string[] = [];
  readonly places: string[] = [];
  readonly stamps = new FileStamps();
  readonly folders: string[] = [];
  /** As the globs see them. */
  readonly globPaths: string[] = [];
  readonly #source: NamedSource;
  readonly #globs: Globs;
  readonly #excluded: ReadonlySet<string>;
  readonly #prefix: number;

  constructor(source: NamedSource, globs: Globs, { excluded }: SourcePlace) {
    this.#source = source;
    this.#globs = globs;
    this.#excluded = new Set(excluded);
    this.#prefix = globs.base === '.' ? 0 : globs.base.endsWith('/') ? globs.base.length : globs.base.length + 1;
  }

  /** @param above the folders that this one is in, without links: one that is among them would never end */
  lookThrough(folder: string, place: string, depth: number, above: readonly string[]): void {
    if (depth === 0 || this.#excluded.has(place)) return;
    let entries: readonly Dirent[];
    try {
      entries = readdirSync(place, { withFileTypes: true });
    } catch (error) {
      throw unreadable(this.#source, folder, error);
    }
    this.folders.push(place);
    for (const entry of entries) {
      const { name } = entry;
      const path = folder === '.' ? name : folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
      if (entry.isDirectory()) this.#enter(name, path, `${place}/${name}`, depth, above);
      else if (entry.isSymbolicLink()) this.#follow(entry, path, `${place}/${name}`, depth, [...above, place]);
      else if (this.#globs.matches(path)) this.#add(entry, path, `${place}/${name}`);
    }
  }

  #enter(name: string, path: string, place: string, depth: number, above: readonly string[]): void {
    if (name === 'node_modules' && !this.#globs.wantsPackages) return;
    if (name.startsWith('.') && !this.#globs.wantsHidden) return;
    if (!this.#globs.passesOver(path)) this.lookThrough(path, place, depth - 1, above);
  }

  #follow(entry: Dirent, path: string, link: string, depth: number, above: readonly string[]): void {
    if (this.#globs.passesOver(path)) return;
    const found = statsThrough(link);
    if (found?.isDirectory()) {
      const place = realpathSync(link);
      const isLoop = [...above, realpathSync(above.at(-1) as string)].some(
        (folder) => folder === place || folder.startsWith(`${place}/`),
      );
      if (!isLoop) {
        this.#enter(entry.name, path, place, depth, above);
        return;
      }
      if (depth === 1) return;
      const fact = `${printableName(path)} is a link to a folder that it lies in, so there would be no end`;
      throw sourceProblem(this.#source, fact, `remove the link, or take it out by "!${printableName(path)}/**"`);
    }
    if (this.#globs.matches(path)) this.#add(entry, path, link);
  }

  #add(entry: Dirent, path: string, place: string): void {
    if (entry.name.includes(REPLACEMENT) && !isNamed(place)) {
      const fact = `${printableName(path)} has a name that is not UTF-8`;
      throw sourceProblem(this.#source, fact, 'rename it: other machines and programs would read the name differently');
    }
    let file = place;
    let stats: Stats;
    try {
      if (entry.isSymbolicLink()) file = realpathSync(place);
      stats = statSync(file);
    } catch (error) {
      throw unreadable(this.#source, path, error);
    }
    if (!stats.isFile()) throw notPlain(this.#source, path, stats);
    this.globPaths.push(path);
    this.paths.push(this.#prefix === 0 ? path : path.slice(this.#prefix));
    this.places.push(file);
    this.stamps.add(stats);
  }
}

/** Node reads bytes that are not UTF-8 as this character. */
const REPLACEMENT = '\ufffd';

/** Whether a name that holds this character is the name of a file as it is. */
function isNamed(place: string): boolean {
  const name = Buffer.from(basename(place));
  return readdirSync(dirname(place), { encoding: 'buffer' }).some((each) => each.equals(name));
}

/** Undefined for a link that leads nowhere, or to itself. */
function statsThrough(link: string): Stats | undefined {
  try {
    return statSync(link);
  } catch {
    return undefined;
  }
}
