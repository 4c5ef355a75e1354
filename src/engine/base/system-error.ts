import type { Diagnostic } from './diagnostic.ts';

const FIXES: Readonly<Record<string, string>> = {
  EACCES: 'see who may read and write there, and as whom this runs',
  EPERM: 'see who may read and write there, and as whom this runs',
  EROFS: 'name a folder on a file system that can be written to',
  ENOSPC: 'make room on the disk, and do the same again',
  EDQUOT: 'make room in your quota, and do the same again',
  ENOENT: 'see whether the path is right, and where links on it lead',
  ENOTDIR: 'move what is in the way of the folder, or name another path',
  EISDIR: 'move the folder that is in the way of the file, or name another path',
  EEXIST: 'move what is in the way, or name another path',
  ENOTEMPTY: 'move the folder that is in the way, or name another path',
  ELOOP: 'remove the links that lead in a circle',
  ENAMETOOLONG: 'give it a shorter name, or use a folder with a shorter path',
  EMFILE: 'let this process open more files (ulimit -n)',
  ENFILE: 'end programs that hold many files open',
};

/** What to do where the cache, or what a run writes, has no room. */
export const DISK_FULL_FIX = 'the disk is full: free some space and run again; nothing finished is lost';

/** Explains a refusal of the operating system that the user can fix; undefined for any other error. */
export function explainSystemError(error: unknown): Diagnostic | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined || !Object.hasOwn(FIXES, code)) return undefined;
  return { fact: `the system refused: ${error.message}`, fix: FIXES[code] as string };
}
