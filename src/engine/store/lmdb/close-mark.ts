import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Says how the database's file was when it was last closed in order. A file that is still the same was sound then, and need not be read through to be
 * opened; empty while a process has it open, so that one which is ended by a signal leaves it so.
 */
export const MARK_FILE = 'closed';

/** Whether the file is as it was left by a process that closed it in order. */
export function isAsClosed(folder: string): boolean {
  const mark = readMark(folder);
  return mark !== undefined && mark !== '' && mark === stampOf(folder);
}

/** Whether there was a database, whatever is there now. */
export function hasMark(folder: string): boolean {
  return readMark(folder) !== undefined;
}

export function markOpen(folder: string): void {
  writeMark(folder, '');
}

/** To be called by a process that knows the file to be sound: it was when it was opened, and LMDB alone has written to it since. */
export function markClosed(folder: string): void {
  const stamp = stampOf(folder);
  if (stamp !== undefined && readMark(folder) !== undefined) writeMark(folder, stamp);
}

function stampOf(folder: string): string | undefined {
  const found = statSync(join(folder, 'data.mdb'), { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}\n`;
}

function readMark(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, MARK_FILE), 'utf8');
  } catch {
    return undefined;
  }
}

/** Without a mark, the file is read through the next time: nothing that a command has to fail for. */
function writeMark(folder: string, text: string): void {
  try {
    writeFileSync(join(folder, MARK_FILE), text);
  } catch {
    // A full disk, or a folder that was removed.
  }
}
