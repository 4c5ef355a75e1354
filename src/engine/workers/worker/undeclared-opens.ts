import type { Diagnostic } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import type { Job } from '../protocol.ts';
import type { OpenedFile } from './opened-files.ts';
import { isPinned, longTexts } from './pinned-files.ts';
import type { ProjectFiles } from './project-files.ts';

/** How many files a message names. */
const NAMED = 5;

/** What a node did with files of the project. */
export interface OpenedByNode {
  readonly opened: readonly OpenedFile[];
  readonly written: readonly string[];
}

/** Who is told of it. */
interface Told {
  log(message: string): void;
  warn(diagnostic: Diagnostic): void;
}

/**
 * Judges what a node opened: what is in no key fails it, is a warning, or is left alone, as its stage says.
 * @throws {Failure} that names the files whose digest is not in the params
 */
export function checkOpened(job: Job, { opened, written }: OpenedByNode, project: ProjectFiles, told: Told): void {
  if (job.undeclared === 'ignore') return;
  // No key covers it, and a run that finds the node up to date does not repeat it.
  if (written.length > 0) told.log(`changed files of the project: ${shown(written)}`);
  const lookedFor = opened.flatMap(({ path, use }) => (use === 'look' ? [path] : []));
  // The existence of a file decides less than its content, and stages with files of their own ask for it. So it is logged, and is no failure.
  if (lookedFor.length > 0) told.log(`looked for files of the project that are in no key: ${shown(lookedFor)}`);
  const undeclared = undeclaredOf(job, opened, project);
  if (undeclared.length === 0) return;
  const diagnostic = describe(job, [...new Set(undeclared.map(described))]);
  if (job.undeclared === 'warn') told.warn(diagnostic);
  else throw new Failure('usage', diagnostic);
}

function undeclaredOf(job: Job, opened: readonly OpenedFile[], project: ProjectFiles): readonly OpenedFile[] {
  const read = opened.filter(({ use }) => use !== 'look');
  if (read.length === 0) return [];
  const texts = longTexts(job.params);
  return read.filter(({ path, use }) => use === 'list' || !isPinned(project.absolutePath(path), texts));
}

function describe({ stage, program }: Job, names: readonly string[]): Diagnostic {
  const isOne = names.length === 1;
  const what = isOne ? 'a file of the project that is' : 'files of the project that are';
  const ways =
    program.kind === 'command'
      ? `name ${isOne ? 'it' : 'them'} in "code:", read ${isOne ? 'it' : 'them'} as an input`
      : `make ${isOne ? 'it an output' : 'them outputs'} of another stage, import ${isOne ? 'it' : 'them'} in the code`;
  return {
    fact: `stage ${stage} opened ${what} not declared: ${shown(names)}`,
    fix: `${ways}, or say "undeclared: ignore" in stage ${stage} of the pipeline file`,
  };
}

function shown(names: readonly string[]): string {
  return names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ` and ${names.length - NAMED} more` : '');
}

function described({ path, use }: OpenedFile): string {
  return use === 'list' ? `${path} (listed)` : path;
}
