/** Writes a line to standard output: results and nothing else go there, so that it can be piped. */
export function line(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a line to standard error. */
export function errorLine(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Writes a value as one JSON document, for `--json`. */
export function printJson(value: unknown): void {
  line(JSON.stringify(value, null, 2));
}
