import { closeSync, constants, lstatSync, openSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { type FileKind, fileKind } from '../../base/file-kind.ts';
import { writeWholeFile } from '../../base/whole-file.ts';

/**
 * Writes an artefact to a file of its own.
 * @throws {Failure} kind `environment` when the file system refuses
 */
export function writeArtefact(file: string, bytes: Uint8Array): void {
  explained(file, () => writeWholeFile(file, bytes));
}

/**
 * Writes to a path that the user has named. A link is followed, a pipe or a device such as `/dev/null` is written to, a file is replaced as a whole.
 * @param name the name of a new file, where the path is a folder
 * @returns the path that was written to
 * @throws {Failure} kind `environment` when that is impossible
 */
export function writeToPath(path: string, bytes: Uint8Array, name?: string): string {
  const kind = explained(path, () => kindBehindLinks(path));
  switch (kind) {
    case 'nothing':
      writeArtefact(path, bytes);
      return path;
    case 'file':
      // The file that a link leads to is replaced, and the link stays.
      writeArtefact(
        explained(path, () => realpathSync(path)),
        bytes,
      );
      return path;
    case 'pipe':
    case 'device':
      explained(path, () => writeInto(path, bytes));
      return path;
    case 'folder':
      if (name !== undefined) return writeToPath(join(path, name), bytes);
  }
  throw new Failure('environment', {
    fact: `${path} is a ${kind}, where a file is to be written`,
    fix: 'name another file, or "-" for standard output',
  });
}

function kindBehindLinks(path: string): FileKind | 'disk' | 'nothing' | 'link that leads nowhere' {
  const found = statSync(path, { throwIfNoEntry: false });
  // A disk is a device too, and everything on it would be lost.
  if (found) return found.isBlockDevice() ? 'disk' : fileKind(found);
  return lstatSync(path, { throwIfNoEntry: false }) ? 'link that leads nowhere' : 'nothing';
}

function writeInto(path: string, bytes: Uint8Array): void {
  const opened = openSync(path, constants.O_WRONLY);
  try {
    writeFileSync(opened, bytes);
  } finally {
    closeSync(opened);
  }
}

function explained<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const fact = `cannot write ${file} (${(error as Error).message})`;
    const fix = 'make room, or make the folder writable, and run again: the artefact is in the cache';
    throw new Failure('environment', { fact, fix }, { cause: error });
  }
}
