import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytesOf, type CodeFile } from '../../../keys/code-file.ts';
import type { Job } from '../../protocol.ts';
import type { NodeFiles } from '../node-files.ts';
import { type NodePaths, paramsDocument } from './node-paths.ts';

/** The folder in which a command starts: its code, its inputs, and room for its outputs. Nothing else of the project is there. */
export interface CommandFolder {
  readonly path: string;
  readonly paramsFile: string;
  readonly eventsFile: string;
  readonly temporary: string;
}

export async function makeCommandFolder(
  files: NodeFiles,
  code: readonly CodeFile[],
  job: Job,
  paths: NodePaths,
): Promise<CommandFolder> {
  const path = files.newFolder();
  const own = join(path, '.vmfdag');
  const temporary = join(own, 'tmp');
  mkdirSync(temporary, { recursive: true });
  mkdirSync(join(path, 'outputs'));
  for (const file of code) {
    const place = join(path, file.path);
    if (file.path.includes('/')) mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, bytesOf(file), { mode: file.isExecutable ? 0o555 : 0o444 });
  }
  await giveInputs(path, files, job, paths);
  const paramsFile = join(own, 'params.json');
  writeFileSync(paramsFile, `${JSON.stringify(paramsDocument(job, paths))}\n`, { mode: 0o444 });
  return { path, paramsFile, eventsFile: join(own, 'events.jsonl'), temporary };
}

async function giveInputs(folder: string, files: NodeFiles, job: Job, { inputs }: NodePaths): Promise<void> {
  if (job.inputs.length > 0) mkdirSync(join(folder, 'inputs'));
  for (const input of job.inputs) {
    const places = inputs[input.name] ?? [];
    if (input.kind === 'one') {
      await files.giveAt(join(folder, places as string), input.name, input.digest);
      continue;
    }
    mkdirSync(join(folder, 'inputs', input.name));
    for (const [position, { digest }] of input.items.entries()) {
      const place = (places as Exclude<typeof places, string>)[position]?.path ?? '';
      await files.giveAt(join(folder, place), input.name, digest);
    }
  }
}
