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

let goesOn = false;

/** A reader that has seen enough (`vmfdag cache ls | head`) is no error: the command ends, unless it has more to do than to print. */
export function endWhenNobodyReads(): void {
  const onError = (end: () => void) => (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    end();
  };
  process.stdout.on(
    'error',
    onError(() => goesOn || process.exit(0)),
  );
  // Of messages (`vmfdag --bogus 2>&1 | head -1`), the exit code stands.
  process.stderr.on(
    'error',
    onError(() => {}),
  );
}

/** From now on the command goes on to its end, whoever reads: `vmfdag run | head -1` is a whole run. */
export function goOnUnread(): void {
  goesOn = true;
}
