import { basename } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { entryOf, type Tree, type TreeEntry, textOf } from '../yaml/tree.ts';
import type { ContainerRunner, ProgramEnvironment } from './program-environment.ts';

/** The Python and the R that a shell would start. */
const [PYTHON_ON_PATH, R_ON_PATH] = ['python3', 'Rscript'];

const DEFAULT_ENVIRONMENT = 'default';

/** What belongs to each thing that `environment` names. */
const OPTIONS = {
  lock: ['interpreter', 'prefix', 'name'],
  image: ['with'],
  root: [],
} as const;

/**
 * Reads `environment` of a stage, whose shape the schema has checked. The name of the lock file says which tool made it.
 * @throws {Failure} for a lock file of no known tool, an image without a digest, and keys that do not belong together
 */
export function readProgramEnvironment({ key, value: tree }: TreeEntry): ProgramEnvironment {
  const kinds = Object.keys(OPTIONS) as (keyof typeof OPTIONS)[];
  const [kind, other] = kinds.filter((name) => entryOf(tree, name));
  if (!kind)
    throw refused(key, 'an environment is a lock file, an image or a root folder', 'name one: {lock: uv.lock}');
  if (other) throw refused(keyOf(tree, other), `an environment has "${kind}" or "${other}"`, `remove one of them`);
  allow(tree, OPTIONS[kind], kind);
  const text = textOf(entryOf(tree, kind)?.value) ?? '';
  switch (kind) {
    case 'lock':
      return readLock(text, tree, key);
    case 'image':
      return readImage(text, tree);
    case 'root':
      return { tool: 'root', root: text };
  }
}

function readLock(lock: string, tree: Tree, key: Place): ProgramEnvironment {
  const name = basename(lock);
  const option = (option: string) => textOf(entryOf(tree, option)?.value);
  if (name === 'uv.lock') {
    allow(tree, [], name, 'uv finds the interpreter of its project itself');
    return { tool: 'uv', lock };
  }
  if (/requirements.*\.txt$/.test(name)) {
    allow(tree, ['interpreter'], name);
    return { tool: 'pip', lock, interpreter: option('interpreter') ?? PYTHON_ON_PATH };
  }
  if (/^(.*\.)?conda-lock\.ya?ml$/.test(name)) {
    allow(tree, ['prefix', 'name'], name);
    const [prefix, called] = [option('prefix'), option('name')];
    if (prefix !== undefined && called === undefined) return { tool: 'conda', lock, by: 'prefix', place: prefix };
    if (called !== undefined && prefix === undefined) return { tool: 'conda', lock, by: 'name', place: called };
    throw refused(key, `the environment of ${name} has one place`, 'say "prefix: .conda", a folder, or "name: …"');
  }
  if (name === 'pixi.lock') {
    allow(tree, ['name'], name);
    return { tool: 'pixi', lock, name: option('name') ?? DEFAULT_ENVIRONMENT };
  }
  if (name === 'renv.lock') {
    allow(tree, ['interpreter'], name);
    return { tool: 'renv', lock, interpreter: option('interpreter') ?? R_ON_PATH };
  }
  throw refused(
    entryOf(tree, 'lock')?.value.place ?? key,
    `"${lock}" is no lock file of a known tool`,
    'name uv.lock, conda-lock.yml, pixi.lock, renv.lock, or a requirements.txt with the version of each package (pip freeze)',
  );
}

function readImage(text: string, tree: Tree): ProgramEnvironment {
  const runner = textOf(entryOf(tree, 'with')?.value) as ContainerRunner | undefined;
  const place = entryOf(tree, 'image')?.value.place ?? tree.place;
  const [, image = '', digest = ''] = /^(.+)@sha256:([0-9a-f]{64})$/.exec(text) ?? [];
  const isFile = (digest === '' ? text : image).endsWith('.sif');
  if (digest === '') {
    const line = isFile
      ? `sha256sum ${text}`
      : `${runner === 'docker' ? 'docker' : 'podman'} image inspect --format '{{index .RepoDigests 0}}' ${text}`;
    throw refused(
      place,
      `"${text}" names no digest, and may be another image tomorrow`,
      `append @sha256:…; it is shown by: ${line}`,
    );
  }
  if (isFile !== (runner === 'apptainer')) {
    throw isFile
      ? refused(place, `"${image}" is an image of apptainer`, 'add "with: apptainer"')
      : refused(
          place,
          'apptainer runs an image that is a file',
          `make one, and name it: apptainer pull image.sif docker://${text}`,
        );
  }
  return { tool: 'image', image, digest, runner };
}

/** Refuses options that a kind of environment does not have. */
function allow(
  tree: Tree,
  allowed: readonly string[],
  what: string,
  why = `an environment of ${what} has no such key`,
): void {
  const options = Object.values(OPTIONS).flat();
  const extra = options.find((name) => !allowed.includes(name) && entryOf(tree, name));
  if (extra !== undefined) throw refused(keyOf(tree, extra), why, `remove "${extra}"`);
}

function keyOf(tree: Tree, name: string): Place {
  return entryOf(tree, name)?.key ?? tree.place;
}

function refused(place: Place, fact: string, fix: string): Failure {
  return new Failure('usage', problemAt(place, fact, fix));
}
