import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { importPipeline } from '../../api/import/import-pipeline.ts';
import { Failure } from '../../base/failure.ts';
import { writeWholeFile } from '../../base/whole-file.ts';
import { errorLine, line, printBytes, printJson } from '../process/output.ts';

export interface ImportOptions {
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `vmfdag import FILE`: writes a pipeline file with what a DVC file says. */
export async function importFile(file: string, { output, force, json }: ImportOptions): Promise<number> {
  const folder = dirname(resolve(file));
  const place = output === undefined ? join(folder, 'pipeline.yaml') : resolve(output);
  const shown = relative(process.cwd(), place);
  if (output !== '-') checkPlace(place, shown, folder, file, force === true);
  const { text, stages, checks } = importPipeline(file, output === '-' ? 'pipeline.yaml' : shown);
  if (output === '-') {
    await printBytes(Buffer.from(text));
  } else {
    write(place, shown, text);
    if (json) printJson({ file: place, stages, checks });
    else line(`${shown}: ${stages.length} ${stages.length === 1 ? 'stage' : 'stages'}`);
  }
  if (!json) for (const check of checks) errorLine(`check: ${check}`);
  return 0;
}

/** @throws {Failure} where the file would not work, or would replace another one */
function checkPlace(place: string, shown: string, folder: string, file: string, force: boolean): void {
  if (dirname(place) !== folder) {
    throw new Failure('usage', {
      fact: `${shown} would not be next to ${file}, and its paths are relative to its folder`,
      fix: `name a file in the folder of ${file}, or - for standard output`,
    });
  }
  if (!force && existsSync(place)) {
    throw new Failure('usage', {
      fact: `${shown} is there already`,
      fix: 'name another file by --output, or say --force',
    });
  }
}

function write(place: string, shown: string, text: string): void {
  try {
    writeWholeFile(place, text);
  } catch (error) {
    const fact = `cannot write ${shown} (${(error as Error).message})`;
    throw new Failure('environment', { fact, fix: 'name a file that you may write' }, { cause: error });
  }
}
