import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isWithin } from '../../../base/is-within.ts';
import type { ProgramLine } from '../../../environments/program-line.ts';
import { sourceFolders } from '../../../keys/bundle-sources.ts';
import type { CodeFile } from '../../../keys/code-file.ts';
import { FileStates, isBefore } from '../../../keys/file-states.ts';
import { pythonFolder } from '../../../keys/python/python-folder.ts';
import { fileBehind, lookUp } from '../../../keys/software/look-up.ts';
import { type SeenFile, seeFile } from '../../../keys/software/seen-file.ts';
import type { UsedSoftware } from '../../../keys/software/used-software.ts';
import type { ProcessReport } from './process-reports.ts';
import type { TracedFiles } from './system-calls.ts';

interface Circumstances {
  readonly searchPath: string;
  /** Folders that hold nothing that is installed: that of the node first, and the cache. */
  readonly ignored: readonly string[];
  readonly startedMs: number;
}

/** Of version managers, in the folders above the one that a program starts in. */
const VERSION_FILES = ['.python-version', '.tool-versions', 'mise.toml', '.mise.toml'];

/** What a command used of the machine: its program, what its Python processes report, and what strace has seen. */
export function usedSoftware(
  { program }: ProgramLine,
  { reports, seen }: { readonly reports: readonly ProcessReport[]; readonly seen: TracedFiles },
  code: readonly CodeFile[],
  circumstances: Circumstances,
): UsedSoftware {
  const { searchPath, startedMs } = circumstances;
  const pythons = byName(reports.filter(({ executable }) => executable !== '').map((each) => [each.executable, each]));
  const started = [...pythons.keys(), ...seen.programs];
  const names = new Set([program, ...started.map((path) => basename(path))]);
  // A path in the folder of the node is code, which the fingerprint has.
  const lookedUp = [...names].filter((name) => !name.includes('/') || name.startsWith('/'));
  const programs = new Map(lookedUp.map((name) => [name, lookUp(name, searchPath)]));
  for (const path of started) programs.set(path, path);
  return {
    programs: sorted(programs).map(([name, path = null]) => ({
      name,
      path,
      file: path === null ? null : seeFile(fileBehind(path), startedMs),
      version: pythons.get(name)?.python || null,
    })),
    settings: settingsOf([...pythons.keys()], [...programs.values()], circumstances),
    libraries: [...new Set(seen.libraries)].sort().map((path) => seeFile(path, startedMs)),
    packages: sorted(
      byName(
        reports.flatMap(({ distributions }) =>
          distributions.map((each) => [`${each.name} ${each.path}`, each] as const),
        ),
      ),
    ).map(([, { name, version, path }]) => ({ name, version, file: seeFile(listOfFiles(path), startedMs) })),
    modules: sorted(byName(reports.flatMap(({ modules }) => modules.map((each) => [each.path, each] as const)))).map(
      ([path, { name }]) => ({ name, file: seeFile(path, startedMs) }),
    ),
    searched: searchedFolders(reports, code, circumstances),
  };
}

/** RECORD has digests of all files; packages of Debian have none. */
function listOfFiles(metadata: string): string {
  const names = ['RECORD', 'METADATA', 'PKG-INFO'].map((name) => join(metadata, name));
  return names.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile()) ?? metadata;
}

function settingsOf(
  pythons: readonly string[],
  programs: readonly (string | undefined)[],
  { ignored: [folder = ''], startedMs }: Circumstances,
): readonly SeenFile[] {
  const paths = new Set<string>();
  for (const python of pythons) {
    paths.add(join(dirname(dirname(python)), 'pyvenv.cfg'));
    const libraries = join(dirname(dirname(fileBehind(python))), 'lib');
    for (const name of namesIn(libraries)) {
      if (/^libpython3.*\.so/.test(name)) paths.add(fileBehind(join(libraries, name)));
    }
  }
  for (const program of programs) {
    if (program === undefined || basename(dirname(program)) !== 'shims') continue;
    paths.add(join(dirname(dirname(program)), 'version'));
    const folders = [...above(folder), process.env.HOME ?? '/'];
    for (const each of folders) for (const name of VERSION_FILES) paths.add(join(each, name));
  }
  return [...paths].sort().map((path) => seeFile(path, startedMs));
}

/**
 * The folders in which modules were looked for that are no code of the command, up to the one that has them. So a package that takes the place
 * of another, and one that was missing, are noticed.
 */
function searchedFolders(
  reports: readonly ProcessReport[],
  code: readonly CodeFile[],
  { ignored, startedMs }: Circumstances,
): UsedSoftware['searched'] {
  const own = new Set(code.flatMap(({ path }) => path.split('/').map((part) => part.replace(/\..*$/, ''))));
  const states = new FileStates();
  const searched = new Map<string, Set<string>>();
  if (reports.length === 0) return [];
  const places = [...ignored, ...ignored.map(fileBehind), pythonFolder()];
  for (const { names, path } of reports) {
    const folders = path.filter((each) => !places.some((place) => isWithin(each, place)));
    for (const name of names) {
      if (own.has(name)) continue;
      for (const folder of folders) {
        searched.set(folder, (searched.get(folder) ?? new Set()).add(name));
        if (holdsModule(folder, name, states)) break;
      }
    }
  }
  const found = sourceFolders(
    [...searched].map(([folder, names]) => [folder, [...names]] as const),
    states,
  );
  return found.map((folder) =>
    wasLeftAlone(folder, startedMs) ? folder : { ...folder, entries: ['changed meanwhile'] },
  );
}

/** A folder without `__init__` may be one of several of its name. */
function holdsModule(folder: string, name: string, states: FileStates): boolean {
  const entries = states.entries(folder);
  if (entries.some((entry) => /\.(?:py|so)$/.test(entry) && entry.startsWith(`${name}.`))) return true;
  const isFolder = entries.some((entry) => entry === `${name}/` || entry.startsWith(`${name} → `));
  return isFolder && statSync(join(folder, name, '__init__.py'), { throwIfNoEntry: false }) !== undefined;
}

/** Whether none of what was found came while the program ran: then nobody knows what it found. */
function wasLeftAlone({ path, entries }: UsedSoftware['searched'][number], startedMs: number): boolean {
  return entries.every((entry) => {
    const name = entry.split(' → ', 1)[0]?.replace(/\/$/, '') ?? '';
    const stats = lstatSync(join(path, name), { bigint: true, throwIfNoEntry: false });
    return stats !== undefined && (stats.isDirectory() || isBefore(stats.ctimeNs, startedMs));
  });
}

function above(folder: string): readonly string[] {
  const found: string[] = [];
  for (let each = folder; each !== dirname(each); each = dirname(each)) found.push(dirname(each));
  return found;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function byName<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  return new Map(entries);
}

function sorted<T>(entries: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
