import { execFile } from 'node:child_process';
import { Failure } from '../../base/failure.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import type { CodePlace } from '../code-files.ts';
import type { PythonCode, PythonEntries } from './python-code.ts';
import { pythonFolder } from './python-folder.ts';

/** The answer of `vmfdag._code`; python/README.md describes it. */
interface Answer extends PythonCode {
  readonly searched: readonly { readonly path: string; readonly names: readonly string[] | null }[];
}

interface Question {
  readonly wanted: PythonEntries;
  readonly place: CodePlace;
  readonly answer: (answer: Answer) => void;
  readonly refuse: (failure: Failure) => void;
}

const TIMEOUT_MS = 300_000;
const LONGEST_ANSWER = 256 * 1024 * 1024;

/** Isolated, so that neither the project's folder nor the user's packages can take the place of a module. */
const PROGRAM = 'import sys; sys.path.insert(0, sys.argv.pop(1)); from vmfdag._code import main; sys.exit(main())';

/** What is asked in this turn of the event loop, by Python and project. */
const waiting = new Map<string, Question[]>();

/**
 * Lets Python read the code of a program. Questions of one turn are asked together: starting Python takes longer than reading most programs.
 * @throws {Failure} that says why it cannot
 */
export function askForCode(python: string, wanted: PythonEntries, place: CodePlace): Promise<Answer> {
  return new Promise((answer, refuse) => {
    const name = `${python}\0${place.root}`;
    const question = { wanted, place, answer, refuse };
    const others = waiting.get(name);
    if (others) others.push(question);
    else {
      const questions = [question];
      waiting.set(name, questions);
      setImmediate(() => {
        waiting.delete(name);
        void ask(python, place.root, questions);
      });
    }
  });
}

async function ask(python: string, root: string, questions: readonly Question[]): Promise<void> {
  const args = ['-I', '-S', '-B', '-c', PROGRAM, pythonFolder(), root, '--many'];
  const { stdout, problem } = await ended(python, args, root, JSON.stringify(questions.map(({ wanted }) => wanted)));
  const answers = problem === undefined ? parsed(stdout) : [];
  for (const [index, { place, answer, refuse }] of questions.entries()) {
    const found = answers[index];
    if (isAnswer(found)) answer(found);
    else if (isJsonObject(found) && typeof found.error === 'string') {
      refuse(
        new Failure('usage', {
          fact: `the Python code of this stage cannot be read: ${found.error}`,
          fix: 'make it readable, or correct "code:"',
          range: place.range,
        }),
      );
    } else {
      refuse(
        new Failure('environment', {
          fact: `${python} cannot read the code of this stage: ${problem ?? 'it gives no answer'}`,
          fix: 'let the first python3 on PATH be Python 3.9 or newer',
          range: place.range,
        }),
      );
    }
  }
}

function parsed(text: string): readonly JsonValue[] {
  try {
    const answers: unknown = JSON.parse(text);
    return Array.isArray(answers) ? answers : [];
  } catch {
    return [];
  }
}

function isAnswer(found: unknown): found is Answer {
  return isJsonObject(found) && [found.modules, found.unresolved, found.searched].every(Array.isArray);
}

/** @property problem why it failed: the last line of what it said */
interface Ended {
  readonly stdout: string;
  readonly problem: string | undefined;
}

function ended(program: string, args: readonly string[], cwd: string, input: string): Promise<Ended> {
  const options = { cwd, encoding: 'utf8' as const, timeout: TIMEOUT_MS, maxBuffer: LONGEST_ANSWER };
  return new Promise((resolve) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const said = stderr.trim().split('\n').at(-1) || error?.message;
      resolve({ stdout, problem: error ? (error.killed ? 'it took too long' : said) : undefined });
    });
    // It may have ended without reading.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
