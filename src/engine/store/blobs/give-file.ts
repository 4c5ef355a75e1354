import { writeFileSync } from 'node:fs';
import { chmod, constants, copyFile, link } from 'node:fs/promises';

/** What may be done with a file that is given. Hard links share the permissions of the cache's own file. */
function modeOf(isExecutable: boolean): number {
  return isExecutable ? 0o555 : 0o444;
}

/**
 * Puts the file of a blob at a path: as a clone, which shares the disk's blocks until somebody writes, as a hard link, or as a copy.
 * @returns whether it is a link
 */
export async function giveBlob(blob: string, path: string, isExecutable: boolean): Promise<boolean> {
  const mode = modeOf(isExecutable);
  try {
    await copyFile(blob, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    await chmod(path, mode);
    return false;
  } catch (error) {
    if (isInTheWay(error)) throw error;
  }
  try {
    if (!isExecutable) {
      await link(blob, path);
      return true;
    }
  } catch (error) {
    if (isInTheWay(error)) throw error;
  }
  await copyFile(blob, path, constants.COPYFILE_EXCL);
  await chmod(path, mode);
  return false;
}

export function giveBytes(bytes: Uint8Array, path: string, isExecutable: boolean): void {
  writeFileSync(path, bytes, { flag: 'wx', mode: modeOf(isExecutable) });
}

/** Another way would fail too, and a full disk has to be named. */
function isInTheWay(error: unknown): boolean {
  return ['EEXIST', 'ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
