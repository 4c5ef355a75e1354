const SAFE = /^[\w@%+=:,./-]+$/;

/** One word of a line for a shell. */
export function shellWord(text: string): string {
  return SAFE.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A line from which a shell reads these words. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
