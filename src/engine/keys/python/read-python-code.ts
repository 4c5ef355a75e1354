import { join, resolve } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { areUnchanged, type BundleSources, sourceFolders, wereLeftAlone } from '../bundle-sources.ts';
import type { CodePlace } from '../code-files.ts';
import { FileStates } from '../file-states.ts';
import { askForCode } from './ask-for-code.ts';
import { findPython } from './find-python.ts';
import type { KeptPythonCode, PythonCodeCache, PythonEntries } from './python-code.ts';
import { pythonFolder } from './python-folder.ts';

/** The files of the package that read code. */
const READERS = ['_code.py', '_imports.py', '_modules.py', '_syntax.py'];

/** Raise it when what is kept changes its form. */
const KEPT = 1;

/**
 * The code of a Python program. Python reads it again when a file has changed, or an import may find another module. It executes nothing.
 *
 * @param states what is known of files now; undefined to read them again
 * @throws {Failure} kind `environment` where there is no Python, `usage` where the code cannot be read
 */
export async function readPythonCode(
  wanted: PythonEntries,
  place: CodePlace,
  cache: PythonCodeCache,
  states: FileStates | undefined,
): Promise<KeptPythonCode> {
  const { root, range } = place;
  const name = JSON.stringify(['python', KEPT, root, wanted.entries, wanted.paths]);
  const python = findPython();
  if (!python) {
    throw new Failure('environment', {
      fact: 'the code of this stage is Python, and there is no python3 on PATH that could read it',
      fix: 'install Python 3.9 or newer (on Debian: apt-get install python3)',
      range,
    });
  }
  const kept = states && cache.pythonCode(name);
  if (kept && kept.python === python.stamp && areUnchanged(kept.sources, states)) return kept;

  const startedMs = Date.now();
  const { searched, modules, unresolved } = await askForCode(python.path, wanted, place);
  const now = new FileStates();
  const readers = READERS.map((file) => join(pythonFolder(), 'vmfdag', file));
  const sources: BundleSources = {
    files: [
      ...modules.map(({ path, source }) => ({ path: resolve(root, path), digest: source })),
      ...readers.map((path) => ({ path, digest: now.digest(path) })),
    ],
    folders: sourceFolders(
      searched.map(({ path, names }) => [resolve(root, path), names] as const),
      now,
    ),
  };
  const found: KeptPythonCode = { python: python.stamp, sources, code: { modules, unresolved } };
  if (wereLeftAlone(sources, startedMs)) await cache.putPythonCode(name, found);
  return found;
}
