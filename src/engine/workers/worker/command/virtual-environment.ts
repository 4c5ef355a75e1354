import { dirname } from 'node:path';
import { isThere } from '../../../base/is-there.ts';
import type { ProjectFiles } from '../project-files.ts';

/** What to do where a command names a program of a virtual environment in the project; undefined where it names something else. */
export function virtualEnvironmentFix(program: string, project: ProjectFiles): string | undefined {
  const [, folder, name] = /^(.+)\/bin\/([^/]+)$/.exec(program) ?? [];
  if (folder === undefined || !isThere(project.absolutePath(`${folder}/pyvenv.cfg`))) return undefined;
  return `${program} is in a virtual environment, which no command sees: write ${name}, and say "environment: {lock: requirements.txt, interpreter: ${dirname(program)}/python}"`;
}
