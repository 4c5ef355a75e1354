import { statSync } from 'node:fs';

/** Changes with a file's content. Hard links change the other time of a file, so that is not in it. */
export function stampOf(file: string): string {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev} ${found.ino} ${found.size} ${found.mtimeNs}` : 'missing';
}
