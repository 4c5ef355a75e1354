import { isWithin } from '../../base/is-within.ts';
import type { Problems } from '../../pipeline/problems.ts';
import type { ArtefactType } from '../../stage/artefact.ts';
import type { DvcOutput, DvcStage } from '../dvc-stage.ts';
import type { ProjectFiles } from '../project-files.ts';
import type { LockedKinds } from '../read/read-lock.ts';
import { filesNamed, isScript, variablesIn } from './command-words.ts';
import { inputsOf, type Sources } from './dependencies.ts';
import type { ImportedOutput, ImportedStage } from './imported.ts';
import type { ParamsFiles } from './params-files.ts';
import type { NewNames, Produced } from './produced.ts';
import { scriptOf } from './script.ts';
import { stageParams } from './stage-params.ts';

/** What all stages of a file share. */
export interface Surroundings {
  readonly files: ProjectFiles;
  readonly locked: LockedKinds;
  readonly names: NewNames;
  readonly produced: readonly Produced[];
  readonly sources: Sources;
  readonly params: ParamsFiles;
}

/** Translates one stage. @throws {Failure} for what has no counterpart */
export function translateStage(stage: DvcStage, around: Surroundings, problems: Problems): ImportedStage {
  const { files, names } = around;
  const notes: string[] = [];
  const outputs = new Map<string, ImportedOutput>();
  for (const [position, output] of stage.outputs.entries()) {
    outputs.set(
      names.outputs.get(stage)?.[position] ?? '',
      translateOutput(output, files.kindOf(output.path) ?? around.locked(stage, output.path), notes),
    );
  }
  const done = outputs.size === 0 ? 'done' : undefined;
  if (done !== undefined) outputs.set(done, { type: 'file', isShown: false });
  const script = scriptOf(stage, done);
  const found = inputsOf(stage, around.produced, around.sources, files);
  const { params, files: declaredFiles } = stageParams(stage.params, around.params, problems);
  // A file of params that is a dependency too is there as it is.
  const paramsFiles = declaredFiles.filter(({ path }) => !found.code.some((each) => isWithin(path, each)));
  const code = [...found.code];
  const isKnown = (path: string) =>
    [
      ...found.code,
      ...stage.outputs.map((output) => output.path),
      ...[...found.inputs.values()].map((input) => input.path),
    ].some((each) => isWithin(path, each)) || paramsFiles.some((file) => file.path === path);
  for (const path of filesNamed(script.text, stage.folder, files)) {
    if (isKnown(path)) continue;
    if (isScript(path) && !/^(inputs|outputs)\//.test(path)) {
      code.push(path);
      notes.push(`${path} was no dependency, and counts now`);
    } else {
      notes.push(virtualEnvironmentNote(path, files) ?? unseenNote(path));
    }
  }
  const name = names.stage.get(stage) ?? stage.name;
  return {
    name,
    formerName: name === stage.name ? undefined : stage.name,
    description: stage.description,
    shell: script.shell,
    script: script.text,
    code,
    variables: variablesIn(script.text),
    params,
    inputs: found.inputs,
    outputs,
    paramsFiles,
    notes: [...notes, ...found.notes, ...script.notes],
  };
}

function unseenNote(path: string): string {
  return `the command names ${path}, which is no dependency: its program will not find it`;
}

/** A virtual environment is no dependency: a lock file says what is in it. */
function virtualEnvironmentNote(path: string, files: ProjectFiles): string | undefined {
  const [, folder, program] = /^(.+)\/bin\/([^/]+)$/.exec(path) ?? [];
  if (folder === undefined || files.kindOf(`${folder}/pyvenv.cfg`) !== 'file') return undefined;
  return `${path} is in a virtual environment, which no command sees: write ${program}, and say "environment: {lock: requirements.txt, interpreter: ${folder}/bin/python}"`;
}

const PLAIN_TYPES: Readonly<Record<string, ArtefactType>> = { png: 'png', svg: 'svg' };

function translateOutput(
  { path, kind, isFolder }: DvcOutput,
  there: 'file' | 'directory' | undefined,
  notes: string[],
): ImportedOutput {
  const extension = /\.([^./]+)$/.exec(path)?.[1];
  const isShown = kind !== 'out';
  if (isFolder || there === 'directory') return { type: 'directory', path, isShown };
  if (there === undefined && extension === undefined) {
    notes.push(`${path} is taken for a folder, since its name has no extension`);
    return { type: 'directory', path, isShown };
  }
  const type = kind === 'metric' && extension === 'json' ? 'json' : (PLAIN_TYPES[extension ?? ''] ?? 'file');
  return { type: kind === 'out' ? 'file' : type, path, isShown };
}
