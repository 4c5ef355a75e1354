import { printable, printableJson } from '../base/printable.ts';
import { EXIT } from './exit-codes.ts';

// What is shown comes from pipeline files, stages, servers and file names: nothing of it may be a command to the terminal.

/** Writes a line to standard output: results and nothing else go there, so that it can be piped. */
export function line(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** Writes a line to standard error. */
export function errorLine(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Writes a value as one JSON document, for `--json`. */
export function printJson(value: unknown): void {
  line(printableJson(JSON.stringify(value, null, 2)));
}

/** Writes an artefact to standard output, as it is. */
export function printBytes(bytes: Uint8Array): void {
  process.stdout.write(bytes);
}

let goesOn = false;
let isLost = false;

/**
 * A reader that has seen enough (`vmfdag cache ls | head`) is no error: the command ends, unless it has more to do than to print. Output that cannot be
 * written for any other reason, as on a full disk, is one line on standard error and an exit code of its own.
 */
export function watchOutput(): void {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') {
      if (!goesOn) process.exit(EXIT.done);
      return;
    }
    if (!isLost) {
      isLost = true;
      const fix = code === 'ENOSPC' ? 'make room where it goes to' : 'send it to something that can be written';
      errorLine(`cannot write to standard output (${message}): ${fix}`);
    }
    if (!goesOn) process.exit(EXIT.failed);
  });
  // Of messages (`vmfdag --bogus 2>&1 | head -1`), the exit code stands, whatever becomes of their text.
  process.stderr.on('error', () => {});
}

/** From now on the command goes on to its end, whoever reads: `vmfdag run | head -1` is a whole run. */
export function goOnUnread(): void {
  goesOn = true;
}

/** The exit code of a command that has ended: one whose output is lost has not done what it was asked for. */
export function withOutput(exitCode: number): number {
  return isLost && exitCode === EXIT.done ? EXIT.failed : exitCode;
}
