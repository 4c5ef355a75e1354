import { execFile } from 'node:child_process';
import type { CodeRevision } from '../../store/store.ts';

/** A slower `git status`, of a huge tree on a slow disk, is not worth waiting for. */
const LIMIT_MS = 5000;

/** The commit of the working tree that a folder is in; undefined where git or a repository is missing. */
export function codeRevision(directory: string): Promise<CodeRevision | undefined> {
  return new Promise((resolve) => {
    const options = {
      cwd: directory,
      timeout: LIMIT_MS,
      maxBuffer: 64 << 20,
      // Without it, a status that refreshes the index can make the user's own git command fail.
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
    };
    execFile('git', ['status', '--porcelain=v2', '--branch'], options, (error, stdout) => {
      resolve(error ? undefined : parseStatus(stdout));
    });
  });
}

/** Reads `git status --porcelain=v2 --branch`: header lines begin with `#`, every other line is a file that differs. */
function parseStatus(text: string): CodeRevision | undefined {
  const lines = text.split('\n').filter((line) => line !== '');
  const commit = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(text)?.[1];
  return commit === undefined ? undefined : { commit, dirty: lines.some((line) => !line.startsWith('#')) };
}
