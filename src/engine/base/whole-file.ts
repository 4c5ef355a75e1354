import { randomBytes } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from './make-folder.ts';

/** Writes a file, and its folder, in one step: several processes may write it, and any may be killed. */
export function writeWholeFile(file: string, content: Uint8Array | string): void {
  const folder = dirname(file);
  makeFolder(folder);
  // A short name, since the file's own name may have the maximum length. A new name, so that no link is followed.
  const part = join(folder, `.vmfdag-${randomBytes(6).toString('hex')}.part`);
  const opened = openSync(part, 'wx');
  try {
    try {
      writeFileSync(opened, content);
    } finally {
      closeSync(opened);
    }
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
