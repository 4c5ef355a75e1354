import { hash } from 'node:crypto';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { canonicalView } from '../base/canonical.ts';
import type { JsonValue } from '../base/json.ts';
import { keepAnswer as keep, keptAnswer } from '../keys/kept-answer.ts';
import { type Answer, parseAnswer } from './answer.ts';

/** The question to a provider, with everything that its answer may depend on, except for the files that the answer names. */
export interface Question {
  readonly provider: string;
  /** SHA-256 of the provider package's files. */
  readonly content: string;
  readonly request: JsonValue;
}

/** Variables of a worker's environment that decide which libraries and devices native code finds. */
const LOCATING_LIBRARIES = /^(LD_LIBRARY_PATH|DYLD_|CUDA_)/;

/** Answers of this process: the cache may be read-only, and a refusal is not stored. */
const heard = new Map<string, Answer>();

/** The provider's last answer to this question; undefined when nobody has asked, or something has changed since. */
export function knownAnswer(question: Question, cacheDirectory: string): Answer | undefined {
  const digest = digestOf(question);
  const answer = heard.get(digest);
  if (answer) return answer;
  const found = keptAnswer(fileOf(digest, cacheDirectory), (kept) => {
    const parsed = parseAnswer(kept);
    return parsed?.kind === 'identified' ? { answer: parsed, files: parsed.files } : undefined;
  });
  if (found) heard.set(digest, found);
  return found;
}

/**
 * Keeps an answer for commands that execute nothing, and for later runs.
 * @param askedMs when the provider was asked
 */
export function keepAnswer(question: Question, answer: Answer, cacheDirectory: string, askedMs: number): void {
  const digest = digestOf(question);
  heard.set(digest, answer);
  if (answer.kind === 'identified') keep(fileOf(digest, cacheDirectory), answer, answer.files, askedMs);
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
