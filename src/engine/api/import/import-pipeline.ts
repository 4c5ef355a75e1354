import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { importDvc } from '../../dvc/import-dvc.ts';
import { pipelineText } from '../../dvc/write/pipeline-text.ts';
import { loadPipeline } from '../../pipeline/load-pipeline.ts';
import { buildPlan } from '../../plan/build-plan.ts';
import { folderFiles } from './folder-files.ts';

export interface ImportedFile {
  readonly text: string;
  readonly stages: readonly string[];
  /** What the user is to look at; the text has it as comments. */
  readonly checks: readonly string[];
}

/**
 * Translates a pipeline file of another tool.
 * @param output name of the file that the text is for
 * @throws {Failure} kind `usage` where it cannot be read or has what cannot be translated
 */
export function importPipeline(file: string, output: string): ImportedFile {
  const path = resolve(file);
  const pipeline = importDvc(file, readText(path, file), folderFiles(dirname(path)));
  const text = pipelineText(nameOf(dirname(path)), basename(path), pipeline);
  // Whatever it holds, it has to be a pipeline.
  buildPlan(loadPipeline({ file: output, text }));
  const stageNotes = pipeline.stages.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`));
  return {
    text,
    stages: pipeline.stages.map(({ name }) => name),
    checks: [...pipeline.notes, ...pipeline.params.notes, ...stageNotes],
  };
}

function readText(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const fact = `cannot read ${file} (${(error as Error).message})`;
    throw new Failure('usage', { fact, fix: 'name a DVC file: vmfdag import dvc.yaml' }, { cause: error });
  }
}

function nameOf(folder: string): string {
  const name = basename(folder)
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z]+|-+$/g, '');
  return name === '' ? 'imported' : name;
}
