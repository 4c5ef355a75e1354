import { createInterface } from 'node:readline/promises';
import { Failure } from '../../base/failure.ts';

/**
 * Asks the user on the terminal; anything but yes means no. Standard output is left to results.
 * @throws {Failure} kind `usage` where there is no terminal to ask on
 */
export async function confirm(question: string, withoutTerminal: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new Failure('usage', { fact: question, fix: withoutTerminal });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question}. Go on? [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
