import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type SourceFolder, sourceFolders } from '../bundle-sources.ts';
import { ABSENT, type FileStates } from '../file-states.ts';
import { fileBehind, lookUp } from './look-up.ts';
import { presentDigest, type SeenFile } from './seen-file.ts';
import { isModuleEntry, type UsedSoftware } from './used-software.ts';

/** Something that a command used, and that differs now. */
export interface SoftwareChange {
  readonly kind: 'package' | 'program' | 'setting' | 'library' | 'module';
  readonly name: string;
  readonly old: string;
  readonly new: string;
}

/** What differs on this machine now. */
export function softwareChanges(used: UsedSoftware, states: FileStates): readonly SoftwareChange[] {
  return [
    ...used.packages.flatMap(packageChange),
    ...used.programs.flatMap(programChange),
    ...used.settings.flatMap((file) => (isSame(file) ? [] : [change('setting', file.path, told(file), now(file))])),
    ...used.libraries.flatMap((file) => (isSame(file) ? [] : [change('library', file.path, told(file), now(file))])),
    ...used.modules.flatMap(({ name, file }) => (isSame(file) ? [] : [change('module', name, told(file), now(file))])),
    ...used.searched.flatMap((folder) =>
      holdsTheSame(folder, states)
        ? []
        : [change('module', folder.path, listed(folder.entries), 'other modules of these names')],
    ),
  ];
}

/** Files and folders in which such a change shows. */
export function placesOf(used: UsedSoftware): readonly string[] {
  const files = [
    ...used.settings,
    ...used.libraries,
    ...used.packages.map(({ file }) => file),
    ...used.modules.map(({ file }) => file),
  ];
  const programs = used.programs.flatMap(({ path, file }) => [path, file?.path]).filter((path) => path != null);
  return [...files.map(({ path }) => path), ...programs, ...used.searched.map(({ path }) => path)];
}

function holdsTheSame({ path, realPath, names, entries }: SourceFolder, states: FileStates): boolean {
  const [now] = sourceFolders([[path, names]], states);
  if (!now || modulesOf(now.entries) !== modulesOf(entries)) return false;
  // A folder without such modules is as good as none.
  return [realPath, now.realPath].includes(ABSENT) || now.realPath === realPath;
}

function modulesOf(entries: readonly string[]): string {
  return JSON.stringify(entries.filter(isModuleEntry));
}

function packageChange({ name, version, file }: UsedSoftware['packages'][number]): readonly SoftwareChange[] {
  if (isSame(file)) return [];
  const present = versionsBeside(file, name);
  const isThere = present.includes(version);
  const found = isThere ? `${version} with other files` : present.join(', ') || 'none';
  return [change('package', name, version, found)];
}

/** An upgrade replaces the folder of metadata by one with another version in its name. */
function versionsBeside({ path }: SeenFile, name: string): readonly string[] {
  const folder = /\.(?:dist|egg)-info$/.test(path) ? dirname(path) : dirname(dirname(path));
  try {
    return readdirSync(folder).flatMap((entry) => {
      const [, stem = '', version = ''] = /^(.+?)-([^-]+?)(?:-py\d.*)?\.(?:dist|egg)-info$/.exec(entry) ?? [];
      return normalized(stem) === normalized(name) ? [version] : [];
    });
  } catch {
    return [];
  }
}

/** Names of distributions are the same in any case, and with any of `-_.`. */
function normalized(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function programChange({ name, path, file, version }: UsedSoftware['programs'][number]): readonly SoftwareChange[] {
  const old = version ?? path ?? 'none';
  const found = lookUp(name);
  if (found === undefined) return path === null ? [] : [change('program', name, old, 'none')];
  const isElsewhere = found !== path || fileBehind(found) !== file?.path;
  if (isElsewhere) return [change('program', name, path === found ? (file?.path ?? old) : old, fileBehind(found))];
  return isSame(file) ? [] : [change('program', name, `${old} (${told(file)})`, now(file))];
}

function isSame(file: SeenFile): boolean {
  return presentDigest(file) === file.digest;
}

function told({ digest }: SeenFile): string {
  return /^[0-9a-f]{64}$/.test(digest) ? digest.slice(0, 12) : digest;
}

function now(file: SeenFile): string {
  const digest = presentDigest(file);
  return digest === ABSENT ? ABSENT : digest.slice(0, 12);
}

function listed(entries: readonly string[]): string {
  return entries.map((entry) => basename(entry)).join(', ') || 'none';
}

function change(kind: SoftwareChange['kind'], name: string, old: string, current: string): SoftwareChange {
  return { kind, name, old, new: current };
}
