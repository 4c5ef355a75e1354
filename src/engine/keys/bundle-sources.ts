import { basename, dirname, resolve, sep } from 'node:path';
import type { Metafile } from 'esbuild';
import { areSettled, type FileStates } from './file-states.ts';
import { readManifest } from './package-content.ts';

/** Everything in the project that decided a bundle's text: what was read, and what was looked for. */
export interface BundleSources {
  /** Content by path; `absent` for a package.json that was looked for. */
  readonly files: readonly { readonly path: string; readonly digest: string }[];
  /** Folders in which imports were looked up. */
  readonly folders: readonly SourceFolder[];
}

export interface SourceFolder {
  readonly path: string;
  /** The same without links. */
  readonly realPath: string;
  /** Names without extension that were looked for; undefined if everything below the folder counts. */
  readonly names: readonly string[] | null;
  /** What was found under such a name. */
  readonly entries: readonly string[];
}

/** The extensions that the bundler tries, and those that it substitutes (`./a.js` finds a.ts). */
const EXTENSION = /\.(?:[cm]?[jt]sx?|json|css|txt)$/;

/** A glob in an import, as the bundler writes it. Everything below its folder counts. */
const GLOB = /\*/;

/**
 * Collects what a bundle was made from.
 * @param bundler a text that identifies the bundler and its version
 */
export function bundleSources(
  root: string,
  { inputs }: Pick<Metafile, 'inputs'>,
  bundler: string,
  states: FileStates,
): BundleSources {
  const lookups = new Lookups();
  const files = new Set([bundler]);
  for (const [source, { imports }] of Object.entries(inputs)) {
    // The entry is a text that we give to the bundler. It lies in the root, and imports the stage.
    const importer = resolve(root, source);
    if (source !== 'stage.mjs') {
      files.add(importer);
      lookups.addFile(importer);
      for (const folder of foldersUpwards(dirname(importer))) files.add(resolve(folder, 'package.json'));
    }
    for (const { path, original, external } of imports) {
      if (external && isRelative(path) && GLOB.test(path)) lookups.addTree(globFolder(dirname(importer), path));
      else if (!external && original !== undefined && isRelative(original)) {
        lookups.addImport(resolve(dirname(importer), original), resolve(root, path));
      }
    }
  }
  return {
    files: [...files].sort().map((path) => ({ path, digest: states.digest(path) })),
    folders: lookups.folders(states),
  };
}

/** Whether everything is unchanged. Then the bundle would be the same. */
export function areUnchanged(sources: BundleSources, states: FileStates): boolean {
  return (
    sources.files.every(({ path, digest }) => states.digest(path) === digest) &&
    sources.folders.every(
      (folder) =>
        states.realPath(folder.path) === folder.realPath &&
        areSame(entriesOf(folder.path, folder.names, states), folder.entries),
    )
  );
}

/** Whether nothing was changed since a time. */
export function wereLeftAlone({ files, folders }: BundleSources, sinceMs: number): boolean {
  return areSettled([...files.map(({ path }) => path), ...folders.map(({ path }) => path)], sinceMs);
}

/** Folders with the names that were looked for in them, and what they hold of these; null where everything below counts. */
export function sourceFolders(
  searched: readonly (readonly [path: string, names: readonly string[] | null])[],
  states: FileStates,
): readonly SourceFolder[] {
  return searched
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, wanted]) => {
      const names = wanted && [...wanted].sort();
      return { path, realPath: states.realPath(path), names, entries: entriesOf(path, names, states) };
    });
}

/** The names that were looked for in each folder. */
class Lookups {
  readonly #names = new Map<string, Set<string> | null>();

  /** @param wanted what the import names: a file with or without extension, or a folder */
  addImport(wanted: string, found: string): void {
    this.#add(dirname(wanted), nameOf(wanted));
    this.addFile(found);
    if (found.startsWith(wanted + sep) || basename(found).startsWith('index.')) this.#addFolder(wanted);
  }

  #addFolder(folder: string): void {
    this.#add(folder, 'index');
    for (const main of mainFiles(folder)) {
      this.#add(dirname(main), nameOf(main));
      this.#add(main, 'index');
    }
  }

  addFile(file: string): void {
    this.#add(dirname(file), nameOf(file));
  }

  addTree(folder: string): void {
    this.#names.set(folder, null);
  }

  folders(states: FileStates): readonly SourceFolder[] {
    return sourceFolders(
      [...this.#names].map(([path, wanted]) => [path, wanted && [...wanted]] as const),
      states,
    );
  }

  #add(folder: string, name: string): void {
    const known = this.#names.get(folder);
    if (known === null) return;
    if (known) known.add(name);
    else this.#names.set(folder, new Set([name]));
  }
}

/** What a package.json offers as the module of its folder, in which the bundler takes the first that it finds: files with or without extension, and folders. */
function mainFiles(folder: string): readonly string[] {
  const { main, module } = readManifest(folder);
  return [main, module].flatMap((path) => (typeof path === 'string' ? [resolve(folder, path)] : []));
}

function entriesOf(folder: string, names: readonly string[] | null, states: FileStates): readonly string[] {
  if (names === null) return entriesBelow(folder, states);
  const wanted = new Set(names);
  return states.entries(folder).filter((entry) => {
    const name = entry.split(' → ', 1)[0]?.replace(/\/$/, '') ?? '';
    // The bundler looked for "a.worker.ts" as "a.worker", or "./a.worker" finds it.
    return wanted.has(name) || prefixes(name).some((prefix) => wanted.has(prefix));
  });
}

function prefixes(name: string): readonly string[] {
  const found: string[] = [];
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) found.push(name.slice(0, dot));
  return found;
}

function entriesBelow(folder: string, states: FileStates): readonly string[] {
  const found: string[] = [];
  const open = [''];
  for (const below of open) {
    for (const entry of states.entries(resolve(folder, below))) {
      found.push(below + entry);
      if (entry.endsWith('/')) open.push(below + entry);
    }
  }
  return found;
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((entry, index) => entry === b[index]);
}

function nameOf(path: string): string {
  return basename(path).replace(EXTENSION, '');
}

function isRelative(specifier: string): boolean {
  return /^\.{1,2}(?:\/|$)/.test(specifier) || specifier.startsWith('/') || specifier.startsWith('file:');
}

/** The folder of `./impl/**\/*.ts`: the part before the first star. */
function globFolder(from: string, pattern: string): string {
  return resolve(from, pattern.slice(0, pattern.indexOf('*')).replace(/[^/]*$/, ''));
}

function* foldersUpwards(from: string): Generator<string> {
  for (let folder = from; ; folder = dirname(folder)) {
    yield folder;
    if (folder === dirname(folder)) return;
  }
}
