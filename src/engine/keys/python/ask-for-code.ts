import { execFile } from 'node:child_process';
import { Failure } from '../../base/failure.ts';
import { isJsonObject } from '../../base/json.ts';
import type { CodePlace } from '../code-files.ts';
import type { PythonCode, PythonEntries } from './python-code.ts';
import { pythonFolder } from './python-folder.ts';

/** The answer of `vmfdag._code`; python/README.md describes it. */
interface Answer extends PythonCode {
  readonly searched: readonly { readonly path: string; readonly names: readonly string[] | null }[];
}

const TIMEOUT_MS = 300_000;
const LONGEST_ANSWER = 256 * 1024 * 1024;

/** Isolated, so that neither the project's folder nor the user's packages can take the place of a module. */
const PROGRAM = 'import sys; sys.path.insert(0, sys.argv.pop(1)); from vmfdag._code import main; sys.exit(main())';

/** What `vmfdag._code` says when the project is at fault. */
const REFUSED = 2;

/** Lets Python read the code of a program. @throws {Failure} that says why it cannot */
export async function askForCode(python: string, wanted: PythonEntries, place: CodePlace): Promise<Answer> {
  const options = wanted.paths.flatMap((path) => ['--path', path]);
  const args = ['-I', '-S', '-B', '-c', PROGRAM, pythonFolder(), ...options, '--', place.root, ...wanted.entries];
  const { code, stdout, stderr } = await ended(python, args, place.root);
  if (code === 0) {
    try {
      const answer: unknown = JSON.parse(stdout);
      if (isJsonObject(answer) && Array.isArray(answer.modules)) return answer as unknown as Answer;
    } catch {
      // Told below.
    }
  }
  const said = stderr.trim().split('\n').at(-1) ?? '';
  if (code === REFUSED) {
    throw new Failure('usage', {
      fact: `the Python code of this stage cannot be read: ${said.replace(/^vmfdag\._code: /, '')}`,
      fix: 'make it readable, or correct "code:"',
      range: place.range,
    });
  }
  throw new Failure('environment', {
    fact: `${python} cannot read the code of this stage: ${said || `it ended with ${code}`}`,
    fix: 'let the first python3 on PATH be Python 3.9 or newer',
    range: place.range,
  });
}

interface Ended {
  readonly code: number | string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function ended(program: string, args: readonly string[], cwd: string): Promise<Ended> {
  const options = { cwd, encoding: 'utf8' as const, timeout: TIMEOUT_MS, maxBuffer: LONGEST_ANSWER };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const told =
        stderr || (error?.killed ? 'it took too long' : typeof error?.code === 'string' ? error.message : '');
      resolve({ code: error ? (error.code ?? error.signal ?? undefined) : 0, stdout, stderr: told });
    });
  });
}
