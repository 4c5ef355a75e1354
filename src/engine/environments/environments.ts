import { hash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { canonicalView } from '../base/canonical.ts';
import { Failure } from '../base/failure.ts';
import { readRegularFile } from '../base/regular-file.ts';
import { shellWord } from '../base/shell-word.ts';
import { keepAnswer, keptAnswer, NOT_ASKED } from '../keys/kept-answer.ts';
import type { LockedEnvironment, ProgramEnvironment } from '../pipeline/stages/program-environment.ts';
import { askConda } from './ask-conda.ts';
import { askContainer } from './ask-container.ts';
import { askPython, pythonOf } from './ask-python.ts';
import { askR, rscriptOf } from './ask-r.ts';
import { runnerOf } from './container-runner.ts';
import { installationOf, runAside } from './install.ts';
import type { AskedEnvironment, KnownEnvironment } from './known-environment.ts';
import { rootDigest } from './root-digest.ts';

const LOCK_LIMIT = 64 * 1024 * 1024;

/** Raise it when environments are asked for something else. */
const QUESTION = 4;

/** What is kept of an environment. */
interface Kept extends KnownEnvironment {
  /** A digest of the file that the lock file was made from, when that was checked. */
  readonly checked: string;
}

/** Tells the identity of environments: the digest of the lock file or the image, the interpreter's version and the platform. One instance serves one command. */
export class Environments {
  readonly #root: string;
  readonly #folder: string;
  readonly #mayInstall: boolean;
  /** Many stages share one. */
  readonly #identities = new Map<string, string>();
  readonly #installations = new Map<string, Promise<void>>();

  /** @param mayInstall whether a missing environment may be installed, and interpreters be asked: nodes are to run in them */
  constructor(root: string, cacheDirectory: string, mayInstall: boolean) {
    this.#root = root;
    this.#folder = join(cacheDirectory, 'environments');
    this.#mayInstall = mayInstall;
  }

  /**
   * As in keys: `uv.lock 3f2a…, CPython 3.11.2, linux-x86_64`. While nobody knows the environment, no node is up to date.
   * @throws {Failure} kind `usage` where the lock file cannot be read, `environment` where it cannot be installed
   */
  identity(asked: AskedEnvironment): string {
    const name = JSON.stringify(asked.environment);
    const known = this.#identities.get(name);
    if (known !== undefined) return known;
    const lock = hasLock(asked) ? this.#readLock(asked) : undefined;
    const content = this.#contentOf(asked, lock);
    const has = this.#known(asked, lock, content)?.has ?? [NOT_ASKED];
    const identity = [content, ...has].join(', ');
    this.#identities.set(name, identity);
    return identity;
  }

  /**
   * Whether something was installed in it, or removed, since it had an identity: then what a command loads may not be what its key names.
   */
  hasChanged(environment: LockedEnvironment, identity: string): boolean {
    const [content = ''] = /^.*? [0-9a-f]{64}(?=, )/.exec(identity) ?? [];
    const place = this.#placeOf(environment, content);
    const known = answerAt(place);
    // Where it could not be kept, nobody knows.
    return known ? [content, ...known.has].join(', ') !== identity : existsSync(place);
  }

  /**
   * Installs an environment that has not been asked here, as `identity` does, but without holding up this process. What fails is said by `identity`.
   * @param signal ends it
   */
  install(asked: AskedEnvironment, signal: AbortSignal): Promise<void> {
    const name = JSON.stringify(asked.environment);
    const known = this.#installations.get(name);
    if (known) return known;
    const line = installationOf(asked.environment, this.#root);
    const installing = line && !this.#isAsked(asked) ? runAside(line, this.#root, signal) : Promise.resolve();
    this.#installations.set(name, installing);
    return installing;
  }

  #isAsked(asked: AskedEnvironment): boolean {
    try {
      const lock = hasLock(asked) ? this.#readLock(asked) : undefined;
      return this.#kept(asked.environment, this.#contentOf(asked, lock)).isValid;
    } catch {
      return true;
    }
  }

  /** What decides it, apart from the machine. */
  #contentOf({ environment, range }: AskedEnvironment, lock: Buffer | undefined): string {
    switch (environment.tool) {
      case 'image':
        return `image sha256:${environment.digest}`;
      case 'root': {
        const root = resolve(this.#root, environment.root);
        if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
          const fact = `there is no root folder ${environment.root}`;
          const fix = `make it, as by: debootstrap --variant=minbase stable ${shellWord(environment.root)}`;
          throw new Failure('usage', { fact, fix, range });
        }
        return `root ${rootDigest(root, join(this.#folder, `${hash('sha256', root)}.root.json`))}`;
      }
      default:
        return `${environment.lock} ${hash('sha256', lock ?? '')}`;
    }
  }

  /** Undefined while nobody has asked it. */
  #known(asked: AskedEnvironment, lock: Buffer | undefined, content: string): KnownEnvironment | undefined {
    const { environment } = asked;
    const { place, known, checked, isValid } = this.#kept(environment, content);
    if (!this.#mayInstall || isValid) return known;
    const askedMs = Date.now();
    const found = this.#ask(asked, lock);
    keepAnswer(place, { ...found, checked } satisfies Kept, found.files, askedMs);
    return found;
  }

  #kept(environment: ProgramEnvironment, content: string) {
    const place = this.#placeOf(environment, content);
    const known = answerAt(place);
    const checked = this.#declaration(environment);
    return { place, known, checked, isValid: known?.checked === checked };
  }

  /** A digest of the file that a lock file is made from: the lock file may no longer be what it asks for. */
  #declaration(environment: ProgramEnvironment): string {
    if (environment.tool !== 'uv') return '';
    try {
      const file = join(dirname(resolve(this.#root, environment.lock)), 'pyproject.toml');
      return hash('sha256', readRegularFile(file, LOCK_LIMIT));
    } catch {
      return '';
    }
  }

  #ask({ environment, range }: AskedEnvironment, lock: Buffer = Buffer.alloc(0)): KnownEnvironment {
    switch (environment.tool) {
      case 'uv':
      case 'pip':
        return askPython({ environment, range }, this.#root, lock);
      case 'conda':
      case 'pixi':
        return askConda({ environment, range }, this.#root, lock);
      case 'renv':
        return askR({ environment, range }, this.#root, lock);
      case 'image':
      case 'root':
        return askContainer({ environment, range }, this.#root);
    }
  }

  /** The name says all that the answer may depend on, except for the files that it names itself. */
  #placeOf(environment: ProgramEnvironment, content: string): string {
    const question = [
      QUESTION,
      JSON.stringify(environment),
      this.#root,
      content,
      this.#program(environment),
      process.env.PATH ?? '',
    ];
    return join(this.#folder, `${hash('sha256', canonicalView(question))}.json`);
  }

  #program(environment: ProgramEnvironment): string {
    switch (environment.tool) {
      case 'uv':
      case 'pip':
        return pythonOf(environment, this.#root);
      case 'renv':
        return rscriptOf(environment, this.#root);
      case 'image':
        return runnerOf(environment);
      default:
        return environment.tool;
    }
  }

  #readLock({ environment: { lock }, range }: AskedEnvironment<LockedEnvironment>): Buffer {
    try {
      return readRegularFile(resolve(this.#root, lock), LOCK_LIMIT);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const fact =
        code === 'ENOENT' ? `there is no lock file ${lock}` : `the lock file ${lock} cannot be read: ${message}`;
      throw new Failure('usage', { fact, fix: 'correct "lock", or make the file', range });
    }
  }
}

function answerAt(place: string): Kept | undefined {
  return keptAnswer<Kept>(place, (kept) => {
    const answer = kept as unknown as Kept;
    return { answer, files: answer.files };
  });
}

function hasLock(asked: AskedEnvironment): asked is AskedEnvironment<LockedEnvironment> {
  return 'lock' in asked.environment;
}

/** For people: a digest has 12 characters. */
export function shortIdentity(identity: string): string {
  return identity.replace(/\b[0-9a-f]{64}\b/, (digest) => digest.slice(0, 12));
}

/** The file whose bytes decide an environment, if it is one. Relative to the pipeline's folder. */
export function fileOf(environment: ProgramEnvironment): string | undefined {
  return 'lock' in environment ? environment.lock : undefined;
}
