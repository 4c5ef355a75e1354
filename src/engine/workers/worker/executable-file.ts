import { existsSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { writeWholeFile } from '../../base/whole-file.ts';
import type { ModuleCode } from '../../keys/bundle-cache.ts';
import type { Job, WorkerSetup } from '../protocol.ts';

/**
 * The file that holds the text of a stage's code. It lies in the project's node_modules, so that Node resolves its packages as it would for
 * the source. Where that cannot be written (a layer of an image), it lies in the cache, if the project contains the cache.
 *
 * @throws {Failure} kind `environment` where neither can be written
 */
export function executableFile(
  { fingerprint, text, sourceMap }: Pick<ModuleCode, 'fingerprint' | 'text' | 'sourceMap'>,
  { root, cacheDirectory }: Pick<WorkerSetup, 'root' | 'cacheDirectory'>,
  { stage }: Pick<Job, 'stage'>,
): string {
  const folders = [
    join(root, 'node_modules/.cache/vmfdag'),
    ...(cacheDirectory.startsWith(root + sep) ? [join(cacheDirectory, 'code')] : []),
  ];
  let problem: unknown;
  for (const folder of folders) {
    const file = join(folder, fingerprint, 'stage.mjs');
    try {
      // Whoever has changed it: what is executed is what was hashed.
      if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
        writeWholeFile(`${file}.map`, sourceMap);
        writeWholeFile(file, text);
      }
      return file;
    } catch (error) {
      problem ??= error;
    }
  }
  throw new Failure(
    'environment',
    {
      fact: `the code of stage ${stage} cannot be written to ${folders[0]} (${(problem as Error).message})`,
      fix: 'make that folder writable, or put the cache into the project: stages find their packages from there',
    },
    { cause: problem },
  );
}
