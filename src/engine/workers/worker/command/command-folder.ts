import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../../base/failure.ts';
import { bytesOf, type CodeFile } from '../../../keys/code-file.ts';
import type { ParamsFile } from '../../../pipeline/stages/command-paths.ts';
import type { Job } from '../../protocol.ts';
import type { NodeFiles } from '../node-files.ts';
import { type NodePaths, paramsDocument } from './node-paths.ts';
import { paramsText } from './params-text.ts';

/** The folder in which a command starts: its code, its inputs, and room for its outputs. Nothing else of the project is there. */
export interface CommandFolder {
  readonly path: string;
  readonly paramsFile: string;
  readonly eventsFile: string;
  readonly temporary: string;
  /** Where Python processes report what they did. */
  readonly audit: string;
}

export async function makeCommandFolder(
  files: NodeFiles,
  code: readonly CodeFile[],
  job: Job,
  paths: NodePaths,
  paramsFiles: readonly ParamsFile[] = [],
): Promise<CommandFolder> {
  const path = files.newFolder();
  const own = join(path, '.vmfdag');
  const temporary = join(own, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const audit = join(own, 'audit');
  mkdirSync(audit);
  mkdirSync(join(path, 'outputs'));
  for (const file of code) {
    const place = join(path, file.path);
    if (file.path.includes('/')) mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, bytesOf(file), { mode: file.isExecutable ? 0o555 : 0o444 });
  }
  await giveInputs(path, files, job, paths);
  for (const output of Object.values(paths.outputs)) mkdirSync(dirname(join(path, output)), { recursive: true });
  const document = paramsDocument(job, paths);
  for (const file of paramsFiles) {
    writeFileSync(freePlace(path, file.path, job), paramsText(document.params, file, job), { mode: 0o444 });
  }
  const paramsFile = join(own, 'params.json');
  writeFileSync(paramsFile, `${JSON.stringify(document)}\n`, { mode: 0o444 });
  return { path, paramsFile, eventsFile: join(own, 'events.jsonl'), temporary, audit };
}

async function giveInputs(folder: string, files: NodeFiles, job: Job, { inputs }: NodePaths): Promise<void> {
  if (job.inputs.length > 0) mkdirSync(join(folder, 'inputs'), { recursive: true });
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
