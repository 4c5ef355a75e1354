import type { SeenFile } from './seen-file.ts';
import type { SoftwareChange } from './software-changes.ts';
import type { UsedSoftware } from './used-software.ts';

const NONE = 'none';

/** What differs between the software that two results were made with. */
export function compareSoftware(old: UsedSoftware, now: UsedSoftware): readonly SoftwareChange[] {
  return [
    ...changesOf('package', versionsOf(old), versionsOf(now)),
    ...changesOf('program', programsOf(old), programsOf(now)),
    ...changesOf('setting', filesOf(old.settings), filesOf(now.settings)),
    ...changesOf('library', filesOf(old.libraries), filesOf(now.libraries)),
    ...changesOf('module', modulesOf(old), modulesOf(now)),
  ];
}

/** How it is shown, and what it is. */
interface Known {
  readonly shown: string;
  readonly identity: string;
}

function changesOf(
  kind: SoftwareChange['kind'],
  old: ReadonlyMap<string, Known>,
  now: ReadonlyMap<string, Known>,
): readonly SoftwareChange[] {
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    if (was?.identity === is?.identity) return [];
    const shown = is && was?.shown === is.shown ? `${is.shown} with other files` : is?.shown;
    return [{ kind, name, old: was?.shown ?? NONE, new: shown ?? NONE }];
  });
}

function versionsOf({ packages }: UsedSoftware): ReadonlyMap<string, Known> {
  return new Map(
    packages.map(({ name, version, file }) => [name, { shown: version, identity: version + file.digest }]),
  );
}

function programsOf({ programs }: UsedSoftware): ReadonlyMap<string, Known> {
  return new Map(
    programs.map(({ name, path, file, version }) => {
      const shown = version ?? file?.path ?? path ?? NONE;
      return [name, { shown, identity: [shown, file?.path, file?.digest].join(' ') }];
    }),
  );
}

function modulesOf({ modules }: UsedSoftware): ReadonlyMap<string, Known> {
  return new Map(modules.map(({ file }) => [file.path, knownFile(file)]));
}

function filesOf(files: readonly SeenFile[]): ReadonlyMap<string, Known> {
  return new Map(files.map((file) => [file.path, knownFile(file)]));
}

function knownFile({ digest }: SeenFile): Known {
  return { shown: /^[0-9a-f]{64}$/.test(digest) ? digest.slice(0, 12) : digest, identity: digest };
}
