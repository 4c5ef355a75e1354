import { Failure } from '../../base/failure.ts';
import { isWithin } from '../../base/is-within.ts';
import { problemAt } from '../../pipeline/yaml/source.ts';
import type { DvcPath, DvcStage } from '../dvc-stage.ts';
import type { ProjectFiles } from '../project-files.ts';
import { isCode } from './command-words.ts';
import type { ImportedInput, ImportedSource } from './imported.ts';
import { Names, stemOf } from './names.ts';
import type { Produced } from './produced.ts';

/** So many files of a folder get a source each, where others in it are outputs. */
const MOST_SINGLE_FILES = 20;

/** Files that DVC and git keep next to data. */
const NOT_DATA = /(^|\/)(\.gitignore|\.gitkeep|\.dvcignore|\.DS_Store|[^/]*\.dvc)$/;

/** What the stages read that no stage makes. */
export class Sources {
  readonly found = new Map<string, ImportedSource>();
  readonly #byPath = new Map<string, string>();
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  /** The name of the source for a path. */
  of(path: string, source: ImportedSource): string {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const name = this.#names.give(stemOf(path));
    this.#byPath.set(path, name);
    this.found.set(name, source);
    return name;
  }
}

export interface StageInputs {
  readonly inputs: ReadonlyMap<string, ImportedInput>;
  readonly code: readonly string[];
  readonly notes: readonly string[];
}

/** Finds for each dependency of a stage who makes it. @throws {Failure} where nobody does, and it is no file of the project */
export function inputsOf(
  stage: DvcStage,
  produced: readonly Produced[],
  sources: Sources,
  files: ProjectFiles,
): StageInputs {
  const places = new Map<string, string>();
  const code: string[] = [];
  const notes: string[] = [];
  for (const dependency of stage.dependencies) {
    const { path } = dependency;
    const maker = produced.find((each) => isWithin(path, each.path));
    if (maker?.stage === stage) {
      const fact = `the stage "${stage.name}" depends on its own output "${maker.path}"`;
      throw new Failure('usage', problemAt(dependency.place, fact, 'write to a file of another name'));
    }
    if (maker) {
      places.set(maker.path, maker.reference);
      if (maker.path !== path) notes.push(`an edit of anything in ${maker.path} counts, and not of ${path} alone`);
      continue;
    }
    const inside = produced.filter((each) => isWithin(each.path, path));
    for (const each of inside) {
      if (each.stage !== stage) places.set(each.path, each.reference);
    }
    if (inside.length > 0) {
      for (const [file, name] of restOf(dependency, produced, sources, files)) places.set(file, name);
    } else {
      const kind = kindOf(dependency, files);
      if (isCode(path, files)) code.push(path);
      else places.set(path, sources.of(path, sourceOf(dependency, kind, files, notes)));
    }
  }
  return { inputs: named(places), code, notes };
}

/** An input inside another one is there already. */
function named(places: ReadonlyMap<string, string>): ReadonlyMap<string, ImportedInput> {
  const names = new Names();
  const outer = [...places].filter(
    ([path]) => ![...places.keys()].some((other) => other !== path && isWithin(path, other)),
  );
  return new Map(outer.map(([path, reference]) => [names.give(stemOf(path)), { reference, path }]));
}

function kindOf({ path, place }: DvcPath, files: ProjectFiles): 'file' | 'directory' {
  const kind = files.kindOf(path);
  if (kind) return kind;
  const tracked = files.read(`${path}.dvc`);
  if (tracked !== undefined) return /md5:\s*\S+\.dir\b/.test(tracked) ? 'directory' : 'file';
  const fact = `"${path}" is no output of a stage, and no file of the project`;
  throw new Failure('usage', problemAt(place, fact, 'get it (dvc pull), or correct the path'));
}

function sourceOf(
  { path, place }: DvcPath,
  kind: 'file' | 'directory',
  files: ProjectFiles,
  notes: string[],
): ImportedSource {
  if (kind === 'file') return { kind: 'file', path };
  if (/[[\]{}*?!\\]/.test(path)) {
    throw new Failure('usage', problemAt(place, `"${path}" would be a glob`, 'rename the folder'));
  }
  const hidden = files
    .filesBelow(path)
    .filter((file) => /(^|\/)\./.test(file.path.slice(path.length)) && !NOT_DATA.test(file.path));
  if (hidden.length > 0) notes.push(`hidden files in ${path} are not taken: ${hidden[0]?.path}`);
  return { kind: 'files', globs: [path === '' ? '**' : `${path}/**`] };
}

/** The files of a folder that no stage makes. */
function restOf(
  { path, place }: DvcPath,
  produced: readonly Produced[],
  sources: Sources,
  files: ProjectFiles,
): readonly (readonly [string, string])[] {
  const rest = files
    .filesBelow(path)
    .filter((file) => !NOT_DATA.test(file.path) && !produced.some((each) => isWithin(file.path, each.path)));
  if (rest.length > MOST_SINGLE_FILES) {
    const fact = `"${path}" holds ${rest.length} files that no stage makes, next to some that a stage makes`;
    throw new Failure('usage', problemAt(place, fact, 'keep the two in folders of their own'));
  }
  return rest.map((file) => [file.path, sources.of(file.path, { kind: 'file', path: file.path })]);
}
