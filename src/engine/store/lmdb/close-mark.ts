import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Describes the database's file at its last orderly close. A file that still fits the description is sound, and need not be read through when it is
 * opened. The mark is empty while a process has the file open, so a process that is killed leaves it empty.
 */
export const MARK_FILE = 'closed';

/** Whether the file is unchanged since a process closed it in order. */
export function isAsClosed(folder: string): boolean {
  const mark = readMark(folder);
  return mark !== undefined && mark !== '' && mark === stampOf(folder);
}

/** Whether there was a database, even if it is missing now. */
export function hasMark(folder: string): boolean {
  return readMark(folder) !== undefined;
}

export function markOpen(folder: string): void {
  writeMark(folder, '');
}

/** Call it only if the file is known to be sound: it was sound when it was opened, and only LMDB has written to it since. */
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

/** Without a mark, the file is read through the next time. No command has to fail for that. */
function writeMark(folder: string, text: string): void {
  try {
    writeFileSync(join(folder, MARK_FILE), text);
  } catch {
    // A full disk, or a removed folder.
  }
}
