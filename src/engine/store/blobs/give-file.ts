import { writeFileSync } from 'node:fs';
import { chmod, constants, copyFile, link } from 'node:fs/promises';
import type { Use } from '../artefact-files.ts';

/** How a file is given: for reading only, or to somebody who may change it. */
export interface Manner {
  readonly use: Use;
  readonly isExecutable: boolean;
}

function modeOf({ use, isExecutable }: Manner): number {
  return (use === 'read' ? 0o444 : 0o644) | (isExecutable ? 0o111 : 0);
}

/**
 * Puts the file of a blob at a path: as a clone, which shares the disk's blocks until somebody writes, as a hard link, or as a copy.
 * @returns whether it is a link
 */
export async function giveBlob(blob: string, path: string, manner: Manner): Promise<boolean> {
  const mode = modeOf(manner);
  try {
    await copyFile(blob, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    await chmod(path, mode);
    return false;
  } catch (error) {
    if (isInTheWay(error)) throw error;
  }
  try {
    // A link has the permissions of the blob.
    if (mode === 0o444) {
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

export function giveBytes(bytes: Uint8Array, path: string, manner: Manner): void {
  writeFileSync(path, bytes, { flag: 'wx', mode: modeOf(manner) });
}

/** Another way would fail too, and a full disk has to be named. */
function isInTheWay(error: unknown): boolean {
  return ['EEXIST', 'ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
