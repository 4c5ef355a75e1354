import { isAbsolute } from 'node:path';
import { shellLine } from '../../base/shell-word.ts';

/**
 * The command line of a run, as it can be typed again.
 * @param words of a record: what followed `vmfdag`, or the path of a program that started the run, with its arguments
 */
export function commandLine(words: readonly string[]): string {
  return shellLine(isAbsolute(words[0] ?? '') ? words : ['vmfdag', ...words]);
}
