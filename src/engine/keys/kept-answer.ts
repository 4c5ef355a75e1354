import { hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile } from '../base/hash-file.ts';
import { isJsonObject, type JsonValue } from '../base/json.ts';
import { readRegularFile } from '../base/regular-file.ts';
import { writeWholeFile } from '../base/whole-file.ts';
import { areSettled } from './file-states.ts';

const LIMIT_BYTES = 1024 * 1024;

/** Larger files, as of images of containers, take seconds to read: another time is a change of them. */
const LARGEST_COMPARED_BYTES = 256 * 1024 * 1024;

/** Of Python. */
const COMPILED = '__pycache__';

/** Stands in keys for an answer that nobody has got yet. No run has it in a key, so nothing is up to date. */
export const NOT_ASKED = 'unknown until a run asks it';

/**
 * The answer of another program that was kept in a file; undefined where there is none, or a file that it depends on has changed. Where other times
 * are all that has changed, as when a package manager makes one more hard link to a file, the answer is kept with the new ones.
 * @param parse gives the answer, if it has the right form, and the files that it depends on, including missing ones
 */
export function keptAnswer<Answer>(
  place: string,
  parse: (answer: JsonValue | undefined) => { readonly answer: Answer; readonly files: readonly string[] } | undefined,
): Answer | undefined {
  try {
    const kept: unknown = JSON.parse(readRegularFile(place, LIMIT_BYTES).toString('utf8'));
    if (!isJsonObject(kept) || kept.digest !== digestOf(kept.answer)) return undefined;
    const found = parse(kept.answer);
    if (!found) return undefined;
    const lookedMs = Date.now();
    const stamp = stampOf(found.files);
    if (kept.stamp === stamp) return found.answer;
    if (kept.contents !== contentsOf(found.files)) return undefined;
    keep(place, { ...kept, stamp }, found.files, lookedMs);
    return found.answer;
  } catch {
    return undefined;
  }
}

/**
 * Keeps an answer, so that the program need not be asked again. Where that is impossible, the next command asks.
 * @param files that it depends on
 * @param askedMs when the program was asked
 */
export function keepAnswer(place: string, answer: unknown, files: readonly string[], askedMs: number): void {
  try {
    const kept = { digest: digestOf(answer), stamp: stampOf(files), contents: contentsOf(files), answer };
    keep(place, kept, files, askedMs);
  } catch {
    // The state of a file that cannot be looked at is not known.
  }
}

function keep(place: string, kept: object, files: readonly string[], sinceMs: number): void {
  // If a file was written since, its stamp may belong to other bytes.
  if (!areSettled(files, sinceMs)) return;
  try {
    writeWholeFile(place, `${JSON.stringify(kept)}\n`);
  } catch {
    // The cache may be read-only.
  }
}

function digestOf(answer: unknown): string {
  return hash('sha256', JSON.stringify(answer) ?? '');
}

/** A digest of the states of files, and of what they lead to: another file may stand behind the same link. */
function stampOf(files: readonly string[]): string {
  return hash('sha256', JSON.stringify([files, files.map(stateOf)]));
}

function stateOf(file: string): JsonValue {
  // Files of the kernel's file systems have no useful sizes and times, so their content counts.
  if (isOfKernel(file)) return contentOf(file);
  const states = [lstatSync, statSync].map((look) => {
    const status = look(file, { throwIfNoEntry: false });
    return status ? [status.size, status.mtimeMs, status.ctimeMs, status.ino] : null;
  });
  return [...states, realPathOf(file)];
}

/** A digest of what files and folders hold. Their times count where that is not all that they are known by. */
function contentsOf(files: readonly string[]): string {
  return hash('sha256', JSON.stringify(files.map((file) => [file, realPathOf(file), heldBy(file)])));
}

function heldBy(path: string): JsonValue {
  const status = isOfKernel(path) ? undefined : statSync(path, { throwIfNoEntry: false });
  try {
    if (status?.isDirectory()) return entriesOf(path);
    if (status?.isFile() && status.size <= LARGEST_COMPARED_BYTES) return hashFile(path);
  } catch {
    // It may not be read.
  }
  return stateOf(path);
}

/**
 * What was replaced by an entry of the same name differs. The first program that imports from a folder of packages leaves compiled modules there, which
 * changes the folder's time, and nothing else.
 */
function entriesOf(folder: string): JsonValue {
  const names = readdirSync(folder).filter((name) => name !== COMPILED);
  return names.sort().map((name) => {
    const status = lstatSync(join(folder, name));
    return [name, status.ino, ...(status.isDirectory() ? [status.birthtimeMs] : [status.size, status.mtimeMs])];
  });
}

function isOfKernel(file: string): boolean {
  return /^\/(proc|sys)\//.test(file);
}

function contentOf(file: string): string | null {
  try {
    return hash('sha256', readFileSync(file));
  } catch {
    return null;
  }
}

function realPathOf(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}
