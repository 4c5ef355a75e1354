import { hash } from 'node:crypto';
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalView } from '../base/canonical.ts';
import { isJsonObject } from '../base/json.ts';
import { readRegularFile } from '../base/regular-file.ts';
import { writeWholeFile } from '../base/whole-file.ts';
import { areSettled } from '../keys/file-states.ts';
import type { Interpreter } from './ask-interpreter.ts';

/** Everything that the interpreter of an environment may depend on, except for the files that it names. */
export type InterpreterQuestion = readonly string[];

/** An answer, and what it was checked against. */
export interface KnownInterpreter {
  readonly interpreter: Interpreter;
  /** A digest of the file that the lock file was made from. */
  readonly checked: string;
}

const ANSWER_LIMIT = 1024 * 1024;

/** Answers are kept in the cache, so that a run with nothing to do starts no Python. */
export class KnownInterpreters {
  readonly #folder: string;

  constructor(cacheDirectory: string) {
    this.#folder = join(cacheDirectory, 'environments');
  }

  /** The last answer; undefined when nobody has asked, or its files have changed since. */
  find(question: InterpreterQuestion): KnownInterpreter | undefined {
    try {
      const kept: unknown = JSON.parse(readRegularFile(this.#fileOf(question), ANSWER_LIMIT).toString('utf8'));
      if (!isJsonObject(kept) || kept.digest !== hash('sha256', JSON.stringify(kept.answer))) return undefined;
      const answer = kept.answer as unknown as KnownInterpreter;
      return kept.stamp === stampOf(answer.interpreter.files) ? answer : undefined;
    } catch {
      return undefined;
    }
  }

  /** @param askedMs when the interpreter was asked */
  keep(question: InterpreterQuestion, answer: KnownInterpreter, askedMs: number): void {
    const { files } = answer.interpreter;
    // What was written while it answered may not be what it saw.
    if (!areSettled(files, askedMs)) return;
    const kept = { digest: hash('sha256', JSON.stringify(answer)), stamp: stampOf(files), answer };
    try {
      writeWholeFile(this.#fileOf(question), `${JSON.stringify(kept)}\n`);
    } catch {
      // The next run asks again.
    }
  }

  #fileOf(question: InterpreterQuestion): string {
    return join(this.#folder, `${hash('sha256', canonicalView(question))}.json`);
  }
}

/** Of the files and of what they lead to: another Python may stand behind the same link. */
function stampOf(files: readonly string[]): string {
  const stamps = files.map((file) =>
    [lstatSync, statSync].map((look) => {
      const status = look(file, { throwIfNoEntry: false });
      return status ? [status.size, status.mtimeMs, status.ctimeMs, status.ino] : null;
    }),
  );
  return hash('sha256', JSON.stringify([files, stamps, files.map(realPathOf)]));
}

function realPathOf(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}
