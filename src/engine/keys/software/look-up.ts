import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program of that name is found on a search path, as a shell finds it; undefined where there is none. */
export function lookUp(name: string, searchPath = process.env.PATH ?? ''): string | undefined {
  if (name.includes('/')) return isProgram(name) ? name : undefined;
  return searchPath
    .split(delimiter)
    .flatMap((folder) => (folder === '' ? [] : [join(folder, name)]))
    .find(isProgram);
}

/** The file behind all links. */
export function fileBehind(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function isProgram(path: string): boolean {
  try {
    // As a shell, it passes over folders that it may not enter.
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
