import { isFailure } from '../../../src/engine/base/failure.ts';
import { importDvc } from '../../../src/engine/dvc/import-dvc.ts';
import type { ProjectFiles } from '../../../src/engine/dvc/project-files.ts';
import { pipelineText } from '../../../src/engine/dvc/write/pipeline-text.ts';
import { loadPipeline } from '../../../src/engine/pipeline/load-pipeline.ts';

/** A folder of a project, by path. */
export function filesOf(files: Readonly<Record<string, string>>): ProjectFiles {
  const paths = Object.keys(files).sort();
  const below = (folder: string) => paths.filter((path) => folder === '' || path.startsWith(`${folder}/`));
  return {
    kindOf: (path) => (path in files ? 'file' : below(path).length > 0 ? 'directory' : undefined),
    read: (path) => files[path],
    filesBelow: (folder) => below(folder).map((path) => ({ path, bytes: files[path]?.length ?? 0 })),
  };
}

/** The text of the pipeline file for a DVC file. */
export function imported(dvc: string, files: Readonly<Record<string, string>> = {}): string {
  return pipelineText('x', 'dvc.yaml', importDvc('dvc.yaml', dvc, filesOf(files)));
}

/** The stages of the imported pipeline as the engine reads them. */
export function loaded(dvc: string, files: Readonly<Record<string, string>> = {}) {
  return loadPipeline({ file: 'pipeline.yaml', text: imported(dvc, files) });
}

/** The lines of one stage, without its name. */
export function stageText(text: string, name: string): string {
  const lines = text.split('\n');
  const start = lines.indexOf(`  ${name}:`);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !line.startsWith('    '));
  return rest
    .slice(0, end)
    .map((line) => line.slice(4))
    .join('\n');
}

/** Places and facts of the refusal: `2:5 …`. */
export function refusals(dvc: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    imported(dvc, files);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return error.diagnostics.map(({ fact, fix, range }) => {
      if (fix === undefined) throw new Error(`no fix: ${fact}`);
      return `${range?.line}:${range?.column} ${fact}`;
    });
  }
  return [];
}
