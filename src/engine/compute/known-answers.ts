import { hash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { canonicalView } from '../base/canonical.ts';
import { isJsonObject, type JsonValue } from '../base/json.ts';
import { readRegularFile } from '../base/regular-file.ts';
import { writeWholeFile } from '../base/whole-file.ts';
import { areSettled } from '../keys/file-states.ts';
import { type Answer, parseAnswer } from './answer.ts';

/** The question to a provider, with everything that its answer may depend on, except for the files that the answer names. */
export interface Question {
  readonly provider: string;
  /** SHA-256 of the provider package's files. */
  readonly content: string;
  readonly request: JsonValue;
}

const ANSWER_LIMIT = 1024 * 1024;

/** Variables of a worker's environment that decide which libraries and devices native code finds. */
const LOCATING_LIBRARIES = /^(LD_LIBRARY_PATH|DYLD_|CUDA_)/;

/** Answers of this process: the cache may be read-only, and a refusal is not stored. */
const heard = new Map<string, Answer>();

/** The provider's last answer to this question; undefined when nobody has asked, or something has changed since. */
export function knownAnswer(question: Question, cacheDirectory: string): Answer | undefined {
  const digest = digestOf(question);
  const answer = heard.get(digest);
  if (answer) return answer;
  try {
    const kept = JSON.parse(
      readRegularFile(fileOf(digest, cacheDirectory), ANSWER_LIMIT).toString('utf8'),
    ) as JsonValue;
    if (!isJsonObject(kept) || kept.digest !== hash('sha256', JSON.stringify(kept.answer))) return undefined;
    const found = parseAnswer(kept.answer);
    if (found?.kind !== 'identified' || kept.stamp !== stampOf(found.files)) return undefined;
    heard.set(digest, found);
    return found;
  } catch {
    return undefined;
  }
}

/**
 * Keeps an answer for commands that execute nothing, and for later runs.
 * @param askedMs when the provider was asked
 */
export function keepAnswer(question: Question, answer: Answer, cacheDirectory: string, askedMs: number): void {
  const digest = digestOf(question);
  heard.set(digest, answer);
  // If a file was written while the provider read it, the stamp may belong to other bytes.
  if (answer.kind !== 'identified' || !areSettled(answer.files, askedMs)) return;
  const kept = { digest: hash('sha256', JSON.stringify(answer)), stamp: stampOf(answer.files), answer };
  try {
    writeWholeFile(fileOf(digest, cacheDirectory), `${JSON.stringify(kept)}\n`);
  } catch {
    // The next run asks again. Commands that execute nothing report that nobody has asked.
  }
}

function fileOf(digest: string, cacheDirectory: string): string {
  return join(cacheDirectory, 'compute', `${digest}.json`);
}

function digestOf({ provider, content, request }: Question): string {
  const variables = Object.entries(process.env)
    .filter(([name]) => LOCATING_LIBRARIES.test(name))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => [name, value ?? null]);
  const machine = [process.platform, process.arch, process.version, cpus()[0]?.model ?? null, availableParallelism()];
  return hash('sha256', canonicalView([provider, content, request, machine, variables]));
}

/** A digest of sizes, times and numbers. Files of the kernel's file systems have no useful ones, so their content counts. */
function stampOf(files: readonly string[]): string {
  const stamps = files.map((file) => {
    if (/^\/(proc|sys)\//.test(file)) return contentOf(file);
    const status = statSync(file, { throwIfNoEntry: false });
    return status ? `${status.size} ${status.mtimeMs} ${status.ctimeMs} ${status.ino}` : 'absent';
  });
  return hash('sha256', JSON.stringify([files, stamps]));
}

function contentOf(file: string): string {
  try {
    return hash('sha256', readFileSync(file));
  } catch {
    return 'absent';
  }
}
