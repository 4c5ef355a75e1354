import { basename } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { problemAt } from '../yaml/source.ts';
import { entryOf, type TreeEntry, textOf } from '../yaml/tree.ts';
import type { ProgramEnvironment } from './program-environment.ts';

/** The Python that a shell would start. */
const PYTHON_ON_PATH = 'python3';

/**
 * Reads `environment` of a stage, whose shape the schema has checked. The name of the lock file says which tool made it.
 * @throws {Failure} for a lock file of no known tool
 */
export function readProgramEnvironment({ key, value: tree }: TreeEntry): ProgramEnvironment {
  const lock = entryOf(tree, 'lock');
  const interpreter = entryOf(tree, 'interpreter');
  const path = textOf(lock?.value) ?? '';
  const name = basename(path);
  if (name === 'uv.lock') {
    if (!interpreter) return { tool: 'uv', lock: path };
    const fact = 'uv finds the interpreter of its project itself';
    throw new Failure('usage', problemAt(interpreter.key, fact, 'remove "interpreter"'));
  }
  if (/requirements.*\.txt$/.test(name)) {
    return { tool: 'pip', lock: path, interpreter: textOf(interpreter?.value) ?? PYTHON_ON_PATH };
  }
  const fact = `"${path}" is no lock file of a known tool`;
  const fix = 'name uv.lock, or a requirements.txt with the version of each package (pip freeze)';
  throw new Failure('usage', problemAt(lock?.value.place ?? key, fact, fix));
}
