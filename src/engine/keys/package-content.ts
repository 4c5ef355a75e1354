import { hash } from 'node:crypto';
import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { hashFile } from '../base/hash-file.ts';
import { ifThere } from '../base/if-there.ts';
import { parseJsonObject } from '../base/json.ts';
import { areSettled } from './file-states.ts';
import { isLinked, withoutComments } from './linked-code.ts';

/** What decides an installed package's part in a result. */
export interface PackageFacts {
  /** Paths of the folders that were read and of the files that count. */
  readonly tree: readonly string[];
  /** A digest of the sizes, times and numbers of all of them. While it is the same, so is the rest. */
  readonly stamp: string;
  readonly name: string;
  /** Undefined where the package has none, or says which of its files stages reach. */
  readonly version: string | null;
  /** SHA-256 of the content of its files; of the modules of a linked package, without comments. */
  readonly content: string;
  /** Packages that it declares or imports, sorted. */
  readonly dependencies: readonly string[];
  /** Those of them that it declares: a missing one is reported. */
  readonly declared: readonly string[];
  /** What a linked package imports and declares for its developers only, sorted. Of these, linked packages count. */
  readonly developmentImports: readonly string[];
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly main?: unknown;
  readonly module?: unknown;
  readonly type?: unknown;
  readonly exports?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  /** What `#names` in its modules stand for. */
  readonly imports?: unknown;
  /** What a stage reaches of the package, if the package says so: dependencies and files (a name, or a prefix and a star). */
  readonly vmfdag?: { readonly stageDependencies?: readonly string[]; readonly stageFiles?: readonly string[] };
}

/** Texts for people and for compilers. No program reads them to compute; a module `license.js` is none of them. */
const UNREAD =
  /\.(?:map|md|markdown|d\.[cm]?ts|tsbuildinfo)$|^(?:LICEN[CS]E|CHANGELOG|README)(?!.*\.(?:[cm]?[jt]sx?|json|node|wasm)$)/i;

/** What the tools that build an addon begin with, or leave. Many packages have their modules in `build`, without any of these. */
const ADDON_MARKS = [
  'binding.gyp',
  'CMakeLists.txt',
  'build/config.gypi',
  'build/Makefile',
  'build/CMakeCache.txt',
  'build/build.ninja',
];

/** Next to the built addon, which counts with all else that a program loads, such a build leaves paths of the machine. */
const ADDON_BUILD = /^build\//;
const LOADED = /\.(?:node|dylib|dll|wasm|so(?:\.\d+)*|[cm]?[jt]s|(?<!^compile_commands\.)json)$/;

const JAVASCRIPT = /\.[cm]?js$/;

/** Node erases types where a file lies in no node_modules. */
const LINKED_MODULE = /\.[cm]?[jt]s$/;

/** Raised when packages are read in another way, so that what was read before is read again. */
const READING = 3;

/** `from "x"`, `import "x"`, `import("x")`, `require("x")`. Matches in comments and texts do no harm. */
const IMPORTED = /\b(?:from|import|require)\s*\(?\s*["'`]((?:@[\w.-]+\/)?[A-Za-z0-9_][\w.-]*)(?=["'`/])/g;

/** Reads installed packages, each once. What was read before comes from a cache as long as no file has changed. */
export class PackageContents {
  readonly #kept: (directory: string) => PackageFacts | undefined;
  readonly #excluded: ReadonlySet<string>;
  readonly #known = new Map<string, PackageFacts>();
  #fresh = new Map<string, PackageFacts>();

  /** @param excluded folders inside a package that are no part of it: the project's own results and cache */
  constructor(kept: (directory: string) => PackageFacts | undefined, excluded: Iterable<string> = []) {
    this.#kept = kept;
    this.#excluded = new Set(excluded);
  }

  /** @param directory of the package, without links */
  of(directory: string): PackageFacts {
    const known = this.#known.get(directory);
    if (known) return known;
    const facts = this.#look(directory);
    this.#known.set(directory, facts);
    return facts;
  }

  /** Files and folders that decide what was found: all of a linked package, which people edit, and what an installer replaces of the others. */
  watched(): readonly string[] {
    return [...this.#known].flatMap(([directory, { tree }]) =>
      (isLinked(directory) ? tree : ['package.json']).map((path) => join(directory, path)),
    );
  }

  /** What was read since the last call and may be kept. */
  takeFresh(): ReadonlyMap<string, PackageFacts> {
    const fresh = this.#fresh;
    this.#fresh = new Map();
    return fresh;
  }

  #look(directory: string): PackageFacts {
    const kept = this.#kept(directory);
    // A folder's times change with the names in it, so a new file would show.
    if (kept && stampOf(directory, kept.tree) === kept.stamp) return kept;
    const startedMs = Date.now();
    const manifest = readManifest(directory);
    const { files, folders } = walk(directory, manifest, this.#excluded);
    // The manifest says what counts, but may itself be none of the files that count.
    const tree = [...folders, 'package.json', ...files];
    const facts = read(directory, manifest, files, { tree, stamp: stampOf(directory, tree) });
    // Written while it was read: the stamp may belong to other bytes.
    const touched = tree.map((path) => join(directory, path));
    if (areSettled(touched, startedMs)) this.#fresh.set(directory, facts);
    return facts;
  }
}

interface Tree {
  /** Paths in the package, sorted. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

function walk(directory: string, { vmfdag }: Manifest, excluded: ReadonlySet<string>): Tree {
  const wanted = vmfdag?.stageFiles;
  const hasAddon = ADDON_MARKS.some((path) => existsSync(join(directory, path)));
  const files: string[] = [];
  const folders = [''];
  /** Folders that links lead to. Each is visited once, since links may form a circle. */
  const linked = new Set([directory]);
  for (const folder of folders) {
    for (const entry of entriesOf(`${directory}/${folder}`)) {
      const path = folder + entry.name;
      if (isFolder(`${directory}/${path}`, entry, linked)) {
        const isLeftOut = entry.name === 'node_modules' || entry.name.startsWith('.');
        if (!isLeftOut && !excluded.has(join(directory, path)) && mayHold(`${path}/`, wanted)) folders.push(`${path}/`);
      } else if (wanted ? wanted.some((each) => matches(path, each)) : counts(path, entry.name, hasAddon))
        files.push(path);
    }
  }
  return { files: files.sort(), folders };
}

function isFolder(path: string, entry: Dirent, linked: Set<string>): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const isLinkToFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isLinkToFolder) return false;
  const target = realpathSync(path);
  if (linked.has(target)) return false;
  linked.add(target);
  return true;
}

function counts(path: string, name: string, hasAddon: boolean): boolean {
  return !UNREAD.test(name) && (!(hasAddon && ADDON_BUILD.test(path)) || LOADED.test(name));
}

function matches(path: string, wanted: string): boolean {
  return wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) && !path.endsWith('.map') : path === wanted;
}

function mayHold(folder: string, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || wanted.some((each) => each.startsWith(folder));
}

/** Without contents: every command looks at thousands of files. */
function stampOf(directory: string, tree: readonly string[]): string {
  let text = `${READING}\n`;
  for (const path of tree) {
    // path.join would take as long as the look-up itself.
    const status = ifThere((options) => statSync(`${directory}/${path}`, options));
    text += `${status?.size} ${status?.mtimeMs} ${status?.ctimeMs} ${status?.ino}\n`;
  }
  return hash('sha256', text);
}

function read(
  directory: string,
  manifest: Manifest,
  files: readonly string[],
  looked: Pick<PackageFacts, 'tree' | 'stamp'>,
): PackageFacts {
  const { name, version, vmfdag } = manifest;
  const declared = vmfdag?.stageDependencies ?? Object.keys(declaredDependencies(manifest));
  const found = new Set(declared);
  const developmentImports = new Set<string>();
  const isWorkingCopy = isLinked(directory) && !vmfdag?.stageFiles;
  const code = isWorkingCopy ? withoutComments(directory, modulesOf(directory, files)) : undefined;
  const follow = (text: Uint8Array) => {
    for (const imported of importedPackages(text)) {
      if (imported === name) continue;
      if (manifest.devDependencies?.[imported] === undefined) found.add(imported);
      else if (isWorkingCopy) developmentImports.add(imported);
    }
  };
  const parts = files.map((path) => {
    const text = code?.get(path) ?? readOrNothing(join(directory, path));
    if (text && !vmfdag?.stageDependencies && (code?.has(path) || JAVASCRIPT.test(path))) follow(text);
    return `${path}\0${text ? hash('sha256', text) : digestOf(join(directory, path))}\n`;
  });
  if (!vmfdag?.stageDependencies) follow(importTargets(manifest.imports));
  return {
    ...looked,
    name: name ?? '',
    version: vmfdag?.stageFiles ? null : (version ?? null),
    content: hash('sha256', parts.join('')),
    dependencies: [...found].sort(),
    declared: [...declared].sort(),
    developmentImports: [...developmentImports].filter((each) => !found.has(each)).sort(),
  };
}

/** A link that leads nowhere would keep the compiler from reading the others. */
function modulesOf(directory: string, files: readonly string[]): readonly string[] {
  return files.filter(
    (path) => LINKED_MODULE.test(path) && statSync(join(directory, path), { throwIfNoEntry: false })?.isFile(),
  );
}

/** What `imports` of a package.json leads to, under whatever conditions, as imports. */
export function importTargets(imports: unknown): Uint8Array {
  const targets = (each: unknown): readonly string[] => {
    if (typeof each === 'string') return [`from "${each}"`];
    return typeof each === 'object' && each !== null ? Object.values(each).flatMap(targets) : [];
  };
  return Buffer.from(targets(imports).join('\n'));
}

function declaredDependencies({ dependencies, optionalDependencies, peerDependencies }: Manifest) {
  return { ...dependencies, ...optionalDependencies, ...peerDependencies };
}

/** Names of packages that a module may import: those in comments and texts are among them. */
export function importedPackages(text: Uint8Array): Set<string> {
  const names = new Set<string>();
  for (const [, name] of Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1').matchAll(IMPORTED)) {
    if (name !== undefined && !isBuiltin(name)) names.add(name);
  }
  return names;
}

/** A folder's package.json; nothing where it has none, or none that can be read. */
export function readManifest(directory: string): Manifest {
  try {
    return parseManifest(readFileSync(join(directory, 'package.json'), 'utf8'));
  } catch {
    return {};
  }
}

/** Nothing for what is no manifest. Whoever needs it fails on it as well, and reports it: the bundler, or Node when it loads the stage. */
export function parseManifest(text: string): Manifest {
  return (parseJsonObject(text) ?? {}) as Manifest;
}

/** Of a file that is too large to be read at once: it counts like all others. */
function digestOf(path: string): string {
  try {
    return hashFile(path);
  } catch {
    return 'unreadable';
  }
}

function readOrNothing(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
