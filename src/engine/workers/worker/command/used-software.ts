import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ifThere } from '../../../base/if-there.ts';
import { namesIn } from '../../../base/names-in.ts';
import type { ProgramLine } from '../../../environments/program-line.ts';
import type { CodeFile } from '../../../keys/code-file.ts';
import { fileBehind, lookUp } from '../../../keys/software/look-up.ts';
import { type SeenFile, seeFile } from '../../../keys/software/seen-file.ts';
import type { UsedSoftware } from '../../../keys/software/used-software.ts';
import type { ProcessReport } from './process-reports.ts';
import { searchedPlaces } from './searched-folders.ts';
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
  const { searchPath, ignored, startedMs } = circumstances;
  const places = searchedPlaces(reports, code, ignored, startedMs);
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
    settings: [
      ...settingsOf([...pythons.keys()], [...programs.values()], circumstances),
      ...places.links.map((path) => seeFile(path, startedMs)),
    ],
    libraries: [...new Set(seen.libraries)].sort().map((path) => seeFile(path, startedMs)),
    packages: sorted(
      byName(
        reports.flatMap(({ distributions }) =>
          distributions.map((each) => [`${each.name} ${each.path}`, each] as const),
        ),
      ),
    ).map(([, { name, version, path }]) => ({ name, version, file: seeFile(listOfFiles(path), startedMs) })),
    modules: sorted(
      byName([
        ...places.archives.map((path) => [path, { name: basename(path) }] as const),
        ...reports.flatMap(({ modules }) => modules.map(({ path, name }) => [archiveOr(path), { name }] as const)),
      ]),
    ).map(([path, { name }]) => ({ name, file: seeFile(path, startedMs) })),
    searched: places.folders,
  };
}

/** Folders of Python itself, and of what installers put there. */
const INSTALLED = /\/(?:lib\/python[\d.]+|site-packages|dist-packages)\//;

/** The part that lies in no environment of Python, such as packages that were installed editable; undefined where there is none. */
export function workingCopies(used: UsedSoftware): UsedSoftware | undefined {
  const modules = used.modules.filter(({ file }) => !INSTALLED.test(file.path));
  return modules.length === 0 ? undefined : { ...installedSoftware(used), packages: [], modules };
}

/** The part that Python processes imported, and what led there. */
export function installedSoftware({ packages, modules, settings }: UsedSoftware): UsedSoftware {
  const links = settings.filter(({ path }) => path.endsWith('.pth'));
  return { programs: [], settings: links, libraries: [], packages, modules, searched: [] };
}

/** The archive that has a module in it, or the file itself. */
function archiveOr(path: string): string {
  for (let each = path; each !== dirname(each); each = dirname(each)) {
    const found = ifThere((options) => statSync(each, options));
    if (found) return found.isFile() ? each : path;
  }
  return path;
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

function above(folder: string): readonly string[] {
  const found: string[] = [];
  for (let each = folder; each !== dirname(each); each = dirname(each)) found.push(dirname(each));
  return found;
}

function byName<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  return new Map(entries);
}

function sorted<T>(entries: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
