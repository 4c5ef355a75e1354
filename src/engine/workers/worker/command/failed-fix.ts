import { isAbsolute, join } from 'node:path';
import { isThere } from '../../../base/is-there.ts';
import type { ProjectFiles } from '../project-files.ts';
import { virtualEnvironmentFix } from './virtual-environment.ts';

const LINES_READ = 20;
const NAMED = 3;
const MISSING =
  /no such file|can(?:'t|not) (?:open|find|stat|access)|does not exist|file ?not ?found|: not found$|\bENOENT\b/i;

/** What a failed command printed, and where it ran. */
export interface FailedCommand {
  readonly stage: string;
  /** Its log, in which paths in its folder are relative. */
  readonly printed: string;
  /** The folder that it saw. */
  readonly folder: string;
  readonly project: ProjectFiles;
}

/** What to do about a command that ended with an error: most often, it looked for a file of the project that it did not see. */
export function failedFix(failed: FailedCommand): string {
  const missing = missingFiles(failed);
  for (const path of missing) {
    const fix = virtualEnvironmentFix(path, failed.project);
    if (fix) return fix;
  }
  const names = unseenFiles(missing, failed);
  if (names.length > 0) {
    const [they, are] = names.length === 1 ? ['it', 'is in the project'] : ['them', 'are in the project'];
    return `${names.join(', ')} ${are}, but not in the folder of the command: read ${they} as an input, or name ${they} in "code:" of stage ${failed.stage}`;
  }
  if (failed.printed.trim() === '')
    return 'it printed nothing: let it print what it does, such as by "set -x" in a script';
  return 'its last output is in its log';
}

/** What the last lines say is missing, if it may be in the project. */
function missingFiles({ printed }: FailedCommand): readonly string[] {
  const lines = printed.trimEnd().split('\n').slice(-LINES_READ);
  return lines
    .filter((line) => MISSING.test(line))
    .flatMap((line) => [...wordsOf(line)].filter((path) => !isAbsolute(path)));
}

/** Those of these files and folders that are in the project. */
function unseenFiles(missing: readonly string[], { folder, project }: FailedCommand): readonly string[] {
  const found = new Set<string>();
  for (const path of missing) {
    const name = project.relativePath(project.absolutePath(path));
    if (name === undefined || name === '.' || isThere(join(folder, name))) continue;
    if (isThere(project.absolutePath(name))) found.add(name);
  }
  return [...found].slice(0, NAMED);
}

/** What may be a path: texts in quotes, parts between colons, and words with a dot or a slash. */
function wordsOf(line: string): Iterable<string> {
  const quoted = [...line.matchAll(/(?<!\w)(['"`])(.+?)\1(?!\w)|[\u2018\u201c](.+?)[\u2019\u201d]/g)].flatMap(
    ([, , plain, typeset]) => plain ?? typeset ?? [],
  );
  const parts = line.split(/: /).map((part) => part.trim());
  const words = line.split(/\s+/).map((word) => word.replace(/^["'`(\u2018\u201c]+|["'`).,:;\u2019\u201d]+$/g, ''));
  return new Set([...quoted, ...parts, ...words.filter((word) => /[./]/.test(word))]);
}
