const SAFE = /^[\w@%+=:,./-]+$/;

/** One word of a line for a shell. */
export function shellWord(text: string): string {
  return SAFE.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
