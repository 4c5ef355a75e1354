import { lstatSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { ifThere } from '../../../base/if-there.ts';
import { isWithin } from '../../../base/is-within.ts';
import { sourceFolders } from '../../../keys/bundle-sources.ts';
import type { CodeFile } from '../../../keys/code-file.ts';
import { FileStates, isBefore } from '../../../keys/file-states.ts';
import { pythonFolder } from '../../../keys/python/python-folder.ts';
import { fileBehind } from '../../../keys/software/look-up.ts';
import { CHANGED_MEANWHILE } from '../../../keys/software/seen-file.ts';
import { isModuleEntry, type UsedSoftware } from '../../../keys/software/used-software.ts';
import type { ProcessReport } from './process-reports.ts';

/** Where the imports of Python processes were looked for. */
export interface SearchedPlaces {
  readonly folders: UsedSoftware['searched'];
  /** Archives, each of which is a place as a whole. */
  readonly archives: readonly string[];
  /** Files in folders of packages that name another folder, where a module was found. Another text leads to another module. */
  readonly links: readonly string[];
}

/** Installers put packages there; no file has to name such a folder. */
const OF_PACKAGES = /^(?:site|dist)-packages$/;

/**
 * The places in which modules were looked for that are no code of the command, up to the one that has them. So a package that takes the place
 * of another, and one that was missing, are noticed.
 * @param ignored folders that hold nothing that is installed: that of the node first, and the cache
 */
export function searchedPlaces(
  reports: readonly ProcessReport[],
  code: readonly CodeFile[],
  ignored: readonly string[],
  startedMs: number,
): SearchedPlaces {
  const states = new FileStates();
  const [searched, holders] = [new Map<string, Set<string>>(), new Set<string>()];
  const [own = '', ...others] = ignored;
  const owns = [own, fileBehind(own)];
  const passedOver = [...others, ...others.map(fileBehind), pythonFolder()];
  for (const { names, path } of reports) {
    for (const name of names) {
      for (const folder of path) {
        const root = owns.find((each) => isWithin(folder, each));
        if (root !== undefined) {
          if (isCode(join(relative(root, folder), name), code)) break;
        } else if (!passedOver.some((each) => isWithin(folder, each))) {
          searched.set(folder, (searched.get(folder) ?? new Set()).add(name));
          if (!holdsModule(folder, name, states)) continue;
          holders.add(folder);
          break;
        }
      }
    }
  }
  const found = sourceFolders(
    [...searched].map(([folder, names]) => [folder, [...names]] as const),
    states,
  );
  return {
    folders: found.map((folder) =>
      wasLeftAlone(folder, startedMs) ? folder : { ...folder, entries: [CHANGED_MEANWHILE] },
    ),
    archives: [...searched.keys()].filter(isFile).sort(),
    links: linksTo(holders, new Set(reports.flatMap(({ path }) => path)), states),
  };
}

/** Whether a module of that path is code of the command. A folder without `__init__` stands behind any installed package of its name. */
function isCode(path: string, code: readonly CodeFile[]): boolean {
  return code.some(({ path: file }) => {
    if (!file.startsWith(path)) return false;
    const rest = file.slice(path.length);
    return rest === '/__init__.py' || (rest.startsWith('.') && !rest.includes('/') && isModuleEntry(file));
  });
}

/** A folder without `__init__` may be one of several of its name. */
function holdsModule(folder: string, name: string, states: FileStates): boolean {
  const entries = states.entries(folder);
  if (entries.some((entry) => /\.(?:py|so)$/.test(entry) && entry.startsWith(`${name}.`))) return true;
  const isFolder = entries.some((entry) => entry === `${name}/` || entry.startsWith(`${name} → `));
  return isFolder && ifThere((options) => lstatSync(join(folder, name, '__init__.py'), options)) !== undefined;
}

/** Whether none of what was found came while the program ran: then nobody knows what it found. */
function wasLeftAlone({ path, entries }: UsedSoftware['searched'][number], startedMs: number): boolean {
  return entries.filter(isModuleEntry).every((entry) => {
    const name = entry.split(' → ', 1)[0]?.replace(/\/$/, '') ?? '';
    const stats = ifThere((options) => lstatSync(join(path, name), { ...options, bigint: true }));
    return stats !== undefined && (stats.isDirectory() || isBefore(stats.ctimeNs, startedMs));
  });
}

/** The `.pth` files in folders of packages that put one of the other folders on the path of Python, as for a working copy. */
function linksTo(folders: ReadonlySet<string>, path: ReadonlySet<string>, states: FileStates): readonly string[] {
  const wanted = new Set([...folders].filter((folder) => !OF_PACKAGES.test(basename(folder))));
  if (wanted.size === 0) return [];
  return [...path].flatMap((folder) =>
    states
      .entries(folder)
      .filter((entry) => entry.endsWith('.pth'))
      .map((entry) => join(folder, entry))
      .filter((file) => textOf(file).some((line) => wanted.has(resolve(folder, line)))),
  );
}

function textOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split(/\r?\n/)
      .map((line) => line.trim());
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  return ifThere((options) => lstatSync(fileBehind(path), options))?.isFile() === true;
}
