import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenedFile } from '../opened-files.ts';
import type { ProjectFiles } from '../project-files.ts';
import type { OpenedByNode } from '../undeclared-opens.ts';

/** A file that a program used, relative to the project. */
export interface UsedFile {
  readonly path: string;
  /** `read`, `list`, `import`, `write`, `look`. */
  readonly uses: readonly string[];
}

/** What the programs of a node did with files of the project: the strongest use of each. */
export function openedByPrograms(used: readonly UsedFile[], root: string, project: ProjectFiles): OpenedByNode {
  const opened = new Map<string, OpenedFile['use']>();
  const written = new Set<string>();
  for (const { path, uses } of used) {
    const name = project.relativePath(join(root, path));
    if (name === undefined) continue;
    if (uses.includes('write')) written.add(name);
    const use = strongest(uses);
    const before = opened.get(name);
    // A folder that is only looked for decides nothing.
    if (use === undefined || (use === 'look' && isFolder(project.absolutePath(name)))) continue;
    if (before === undefined || before === 'look') opened.set(name, use);
  }
  return { opened: [...opened].map(([path, use]) => ({ path, use })), written: [...written] };
}

function strongest(uses: readonly string[]): OpenedFile['use'] | undefined {
  if (uses.includes('read') || uses.includes('import')) return 'read';
  if (uses.includes('list')) return 'list';
  return uses.includes('look') ? 'look' : undefined;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
