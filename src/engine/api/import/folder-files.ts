import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ProjectFiles } from '../../dvc/project-files.ts';

/** Folders that hold no data and no code of the project. */
const LEFT_OUT = new Set(['.git', '.dvc', 'node_modules', '.venv', '__pycache__']);

/** The files of a folder on the disk. */
export function folderFiles(root: string): ProjectFiles {
  return {
    kindOf(path) {
      const stats = statSync(join(root, path), { throwIfNoEntry: false });
      return stats?.isFile() ? 'file' : stats?.isDirectory() ? 'directory' : undefined;
    },
    read(path) {
      const file = join(root, path);
      return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : undefined;
    },
    filesBelow: (folder) => (isDirectory(join(root, folder)) ? [...filesBelow(join(root, folder), root)] : []),
  };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function* filesBelow(folder: string, root: string): Iterable<{ readonly path: string; readonly bytes: number }> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    // A link may lead to a folder above it.
    if (entry.isDirectory()) {
      if (!LEFT_OUT.has(entry.name)) yield* filesBelow(path, root);
    } else {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats?.isFile()) yield { path: relative(root, path), bytes: stats.size };
    }
  }
}
