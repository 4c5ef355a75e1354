import { hash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { canonicalView } from '../base/canonical.ts';
import type { SourceRange } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { readRegularFile } from '../base/regular-file.ts';
import { keepAnswer, keptAnswer } from '../keys/kept-answer.ts';
import type { ProgramEnvironment } from '../pipeline/stages/program-environment.ts';
import { askInterpreter, type Interpreter, type NoInterpreter, questionTo, runTool } from './ask-interpreter.ts';
import { installation, lineIn, programFolder } from './program-line.ts';
import { type Pin, readRequirements } from './requirements.ts';

/** An environment, and where the pipeline file asks for it. */
export interface AskedEnvironment {
  readonly environment: ProgramEnvironment;
  readonly range: SourceRange;
}

const LOCK_LIMIT = 64 * 1024 * 1024;

/** How many packages a message names. */
const NAMED = 3;

/** What is known of an environment's interpreter. */
interface Known {
  readonly interpreter: Interpreter;
  /** A digest of the file that the lock file was made from, when that was checked. */
  readonly checked: string;
}

/** Tells the identity of environments: the digest of the lock file, the interpreter's version and the platform. One instance serves one command. */
export class Environments {
  readonly #root: string;
  readonly #folder: string;
  readonly #mayInstall: boolean;
  /** Many stages share one. */
  readonly #identities = new Map<string, string>();

  /** @param mayInstall whether a missing environment may be installed, and interpreters be asked: nodes are to run in them */
  constructor(root: string, cacheDirectory: string, mayInstall: boolean) {
    this.#root = root;
    this.#folder = join(cacheDirectory, 'environments');
    this.#mayInstall = mayInstall;
  }

  /**
   * As in keys: `uv.lock 3f2a…, CPython 3.11.2, linux-x86_64`. While nobody knows the interpreter, no node is up to date.
   * @throws {Failure} kind `usage` where the lock file cannot be read, `environment` where it cannot be installed
   */
  identity(asked: AskedEnvironment): string {
    const name = JSON.stringify(asked.environment);
    const known = this.#identities.get(name);
    if (known !== undefined) return known;
    const lock = this.#readLock(asked);
    const identity = identityOf(asked.environment, lock, this.#interpreter(asked, lock));
    this.#identities.set(name, identity);
    return identity;
  }

  /** Undefined while nobody has asked it. */
  #interpreter(asked: AskedEnvironment, lock: Buffer): Interpreter | undefined {
    const { environment } = asked;
    const place = this.#placeOf(environment, lock);
    const known = keptAnswer<Known>(place, (kept) => {
      const answer = kept as unknown as Known;
      return { answer, files: answer.interpreter.files };
    });
    if (!this.#mayInstall) return known?.interpreter;
    const checked = this.#declaration(environment);
    if (known?.checked === checked) return known.interpreter;
    const askedMs = Date.now();
    const pins = environment.tool === 'pip' ? this.#pins(asked, lock) : [];
    const interpreter = this.#ask(environment, pins);
    if ('kind' in interpreter) throw notThere(asked, interpreter);
    if (interpreter.different.length > 0) throw differs(asked, interpreter);
    keepAnswer(place, { interpreter, checked } satisfies Known, interpreter.files, askedMs);
    return interpreter;
  }

  /** A digest of the file that a lock file is made from: the lock file may no longer be what it asks for. */
  #declaration({ tool, lock }: ProgramEnvironment): string {
    if (tool !== 'uv') return '';
    try {
      const file = join(dirname(resolve(this.#root, lock)), 'pyproject.toml');
      return hash('sha256', readRegularFile(file, LOCK_LIMIT));
    } catch {
      return '';
    }
  }

  #ask(environment: ProgramEnvironment, pins: readonly Pin[]): Interpreter | NoInterpreter {
    const install = installation(environment, this.#root);
    const installed = install && runTool(install, this.#root);
    if (installed && 'kind' in installed) return installed;
    const line = lineIn(environment, this.#root, questionTo(this.#python(environment)));
    return askInterpreter(line, pins, this.#root);
  }

  /** The name says all that the interpreter may depend on, except for the files that it names itself. */
  #placeOf(environment: ProgramEnvironment, lock: Buffer): string {
    const { tool, lock: path } = environment;
    const place = resolve(this.#root, path);
    const question = [tool, place, hash('sha256', lock), this.#python(environment), process.env.PATH ?? ''];
    return join(this.#folder, `${hash('sha256', canonicalView(question))}.json`);
  }

  #python(environment: ProgramEnvironment): string {
    if (environment.tool === 'uv') return 'python';
    return programFolder(environment, this.#root) === undefined
      ? environment.interpreter
      : resolve(this.#root, environment.interpreter);
  }

  #readLock({ environment: { lock }, range }: AskedEnvironment): Buffer {
    try {
      return readRegularFile(resolve(this.#root, lock), LOCK_LIMIT);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const fact =
        code === 'ENOENT' ? `there is no lock file ${lock}` : `the lock file ${lock} cannot be read: ${message}`;
      throw new Failure('usage', { fact, fix: 'correct "lock", or make the file', range });
    }
  }

  #pins({ environment: { lock }, range }: AskedEnvironment, content: Buffer) {
    const { pins, open } = readRequirements(content.toString('utf8'));
    const [first] = open;
    if (!first) return pins;
    const fact = `${lock}:${first.line} does not say which version: ${first.text}`;
    throw new Failure('usage', { fact, fix: 'write name==version for each package (pip freeze)', range });
  }
}

function identityOf({ lock }: ProgramEnvironment, content: Buffer, interpreter: Interpreter | undefined): string {
  const digest = hash('sha256', content);
  if (!interpreter) return `${lock} ${digest}, unknown until a run asks it`;
  return `${lock} ${digest}, ${interpreter.version}, ${interpreter.platform}`;
}

/** For people: a digest has 12 characters. */
export function shortIdentity(identity: string): string {
  return identity.replace(/\b[0-9a-f]{64}\b/, (digest) => digest.slice(0, 12));
}

function notThere({ environment, range }: AskedEnvironment, answer: NoInterpreter): Failure {
  const { lock } = environment;
  if (answer.kind === 'missing') {
    const fix =
      environment.tool === 'uv'
        ? 'install it: python3 -m pip install uv'
        : `make it: python3 -m venv .venv && .venv/bin/pip install -r ${lock}`;
    return new Failure('environment', {
      fact: `the environment of ${lock} needs ${answer.program}, which is not there`,
      fix,
      range,
    });
  }
  const fix =
    environment.tool === 'uv'
      ? 'see what uv says; "uv lock" brings the lock file up to date'
      : 'repair the interpreter';
  return new Failure('environment', {
    fact: `the environment of ${lock} cannot be entered: ${answer.message}`,
    fix,
    range,
  });
}

function differs({ environment, range }: AskedEnvironment, { different }: Interpreter): Failure {
  const named = different
    .slice(0, NAMED)
    .map(({ name, wanted, found }) => `${name} ${found ?? 'is missing'}${found ? ` for ${wanted}` : ''}`);
  const more = different.length > NAMED ? ` and ${different.length - NAMED} more` : '';
  const python = environment.tool === 'pip' ? environment.interpreter : 'python';
  return new Failure('environment', {
    fact: `the interpreter has not what ${environment.lock} says: ${named.join(', ')}${more}`,
    fix: `${python} -m pip install -r ${environment.lock}`,
    range,
  });
}
