import { printableName } from '../../base/printable.ts';
import type { DeclaredFile, DeclaredTarget } from '../pipeline.ts';
import type { Problems } from '../problems.ts';
import { problemAt } from '../yaml/source.ts';

/** The longest part of a path in bytes, less what is added to the name of a file during writing. */
const LONGEST_PART = 230;
const LONGEST_PATH = 1000;

/**
 * Checks the paths of all targets' files, whose shape the schema has checked: whether each can be written at all, and whether no two
 * collide. It does so before anything runs: otherwise the work would be done, and its result could not be written.
 * @param profiles names of the folders of results, in a file where a run may have no profile
 */
export function checkPublishedPaths(
  targets: Iterable<DeclaredTarget>,
  profiles: readonly string[],
  problems: Problems,
): void {
  const files = [...targets].flatMap((target) => target.files.map((file) => ({ target, file })));
  const written = new Map<string, (typeof files)[number]>();
  const folders = new Set(profiles);
  for (const each of files) {
    const { path, place } = each.file;
    const unfit = unfitPath(path);
    if (unfit) problems.add(problemAt(place, ...unfit));
    const other = written.get(folded(path));
    if (!other) written.set(folded(path), each);
    else if (other.file.path !== path) {
      const fact = `"${path}" and "${other.file.path}" of target "${other.target.name}" are one file where names are compared without case or form`;
      problems.add(problemAt(place, fact, 'give one of the two another path'));
    }
  }
  for (const { file } of files) checkFolders(file, written, folders, problems);
}

function checkFolders(
  { path, place }: DeclaredFile,
  written: ReadonlyMap<string, { readonly target: DeclaredTarget; readonly file: DeclaredFile }>,
  profiles: ReadonlySet<string>,
  problems: Problems,
): void {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const folder = path.slice(0, slash);
    const other = written.get(folded(folder));
    if (other) {
      const fact = `"${path}" needs a folder where target "${other.target.name}" writes the file "${other.file.path}"`;
      problems.add(problemAt(place, fact, 'give one of the two another path'));
      return;
    }
    if (profiles.has(folder)) {
      const fact = `"${path}" stands in the folder of the results of profile "${folder}"`;
      problems.add(problemAt(place, fact, 'give the file another path, or the profile another name'));
    }
  }
}

/** A path as file systems compare it that ignore case, and composed and decomposed forms of an é. */
function folded(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

function unfitPath(path: string): [fact: string, fix: string] | undefined {
  if (printableName(path) !== path) {
    return [`the path ${JSON.stringify(path)} holds characters that cannot be seen`, 'remove them'];
  }
  const long = path.split('/').find((part) => Buffer.byteLength(part) > LONGEST_PART);
  if (long !== undefined) {
    return [
      `the path has a part of ${Buffer.byteLength(long)} bytes, and file systems take ${LONGEST_PART}`,
      'shorten it',
    ];
  }
  if (Buffer.byteLength(path) <= LONGEST_PATH) return undefined;
  return [
    `the path has ${Buffer.byteLength(path)} bytes, and at most ${LONGEST_PATH} are sure to be taken`,
    'shorten it',
  ];
}
