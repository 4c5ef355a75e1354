import { lstatSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../../base/failure.ts';
import { bytesOf, type CodeFile } from '../../../keys/code-file.ts';
import type { ParamsFile } from '../../../pipeline/stages/command-paths.ts';
import type { Job } from '../../protocol.ts';
import type { NodeFiles } from '../node-files.ts';
import { unmadeFolder } from '../unmade-folder.ts';
import type { FolderPool, PooledFolder } from './folder-pool.ts';
import { type NodePaths, paramsDocument } from './node-paths.ts';
import { paramsText } from './params-text.ts';

const OUTPUTS = 'outputs';

/** Of the engine. */
const OWN = ['.vmfdag', '.vmfdag/tmp'];
export const PARAMS_FILE = '.vmfdag/params.json';

/** The folder in which a command starts: its code, its inputs, and room for its outputs. Nothing else of the project is there. */
export interface CommandFolder {
  readonly path: string;
  readonly paramsFile: string;
  readonly eventsFile: string;
  readonly temporary: string;
  /** Where Python processes report what they did. */
  readonly audit: string;
  readonly pooled: PooledFolder;
  /** What was put there and is made there, relative to it. */
  readonly files: readonly string[];
}

/** @throws {Failure} where the system refuses it, such as on a full disk, or where something is in the way of an input */
export async function makeCommandFolder(
  files: NodeFiles,
  pool: FolderPool,
  code: readonly CodeFile[],
  job: Job,
  paths: NodePaths,
  paramsFiles: readonly ParamsFile[] = [],
): Promise<CommandFolder> {
  try {
    const inputs = job.inputs.length > 0 ? ['inputs'] : [];
    const document = paramsDocument(job, paths);
    const folders = [...OWN, OUTPUTS, ...inputs, ...foldersOf(code)];
    const pooled = pool.take(folders, `${JSON.stringify(document)}\n`);
    const { path } = pooled;
    files.removeLater(path, () => pool.leave(pooled));
    const own = join(path, '.vmfdag');
    for (const file of code) {
      writeFileSync(join(path, file.path), bytesOf(file), { mode: file.isExecutable ? 0o555 : 0o444 });
    }
    await giveInputs(path, files, job, paths);
    for (const output of Object.values(paths.outputs)) {
      const folder = dirname(output);
      if (folder !== OUTPUTS) mkdirSync(join(path, folder), { recursive: true });
    }
    for (const file of paramsFiles) {
      writeFileSync(freePlace(path, file.path, job), paramsText(document.params, file, job), { mode: 0o444 });
    }
    return {
      path,
      paramsFile: join(path, PARAMS_FILE),
      eventsFile: join(own, 'events.jsonl'),
      temporary: join(own, 'tmp'),
      audit: join(own, 'audit'),
      pooled,
      files: [...code.map((file) => file.path), ...paramsFiles.map((file) => file.path), ...placesOf(paths)],
    };
  } catch (error) {
    throw unmadeFolder(job.node, error);
  }
}

/** Removes what a command was given and has made, and keeps the folder for another one. It stays the node's where something else is in it. */
export function emptyCommandFolder(folder: CommandFolder, files: NodeFiles, pool: FolderPool): void {
  try {
    for (const file of folder.files) unlinkSync(join(folder.path, file));
    if (pool.giveBack(folder.pooled)) {
      files.keepFolder(folder.path);
    }
  } catch {
    // An input or an output is a folder.
  }
}

/** The folders of files, each after the one that it lies in. */
function foldersOf(code: readonly CodeFile[]): readonly string[] {
  const found = new Set<string>();
  for (const { path } of code) {
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) found.add(path.slice(0, end));
  }
  return [...found];
}

function placesOf({ inputs, outputs }: NodePaths): readonly string[] {
  const given = Object.values(inputs).flatMap((place) =>
    typeof place === 'string' ? [place] : place.map(({ path }) => path),
  );
  return [...given, ...Object.values(outputs)];
}

async function giveInputs(folder: string, files: NodeFiles, job: Job, { inputs }: NodePaths): Promise<void> {
  for (const input of job.inputs) {
    const places = inputs[input.name] ?? [];
    if (input.kind === 'one') {
      await files.giveAt(freePlace(folder, places as string, job), input.name, input.digest);
      continue;
    }
    for (const [position, { digest }] of input.items.entries()) {
      const place = (places as Exclude<typeof places, string>)[position]?.path ?? '';
      await files.giveAt(freePlace(folder, place, job), input.name, digest);
    }
  }
}

/** A path at which nothing is, in a folder that is there. @throws {Failure} kind `usage` where code is there already */
function freePlace(folder: string, path: string, { stage }: Job): string {
  const place = join(folder, path);
  try {
    mkdirSync(dirname(place), { recursive: true });
    if (lstatSync(place, { throwIfNoEntry: false }) === undefined) return place;
  } catch (error) {
    // A file of the code is where a folder is needed.
    if (!['EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  throw new Failure('usage', {
    fact: `stage ${stage}: the path ${path} is taken by a file of its code`,
    fix: 'name another path in "paths", or other files in "code"',
  });
}
