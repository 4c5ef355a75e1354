import { printable, printableJson } from '../../base/printable.ts';
import { EXIT } from './exit-codes.ts';

// What is shown comes from pipeline files, stages, servers and file names: none of it may control the terminal.

/** Lines that are not written yet. */
let pending = '';

/**
 * Writes a line to standard output: only results go there, so that it can be piped. The lines of one turn of the event loop are written
 * together: each write wakes the reader.
 */
export function line(text: string): void {
  if (pending === '') setImmediate(writePending);
  pending += `${printable(text)}\n`;
}

function writePending(): void {
  const text = pending;
  pending = '';
  if (text !== '') process.stdout.write(text);
}

/** Writes a line to standard error. */
export function errorLine(text: string): void {
  writePending();
  process.stderr.write(`${printable(text)}\n`);
}

/** Writes a value as one JSON document, for `--json`. */
export function printJson(value: unknown): void {
  line(printableJson(JSON.stringify(value, null, 2)));
}

/** Writes a piece of an artefact to standard output, unchanged, and waits for the reader. */
export function printBytes(bytes: Uint8Array): Promise<void> {
  writePending();
  return new Promise((resolve) => {
    process.stdout.write(bytes, () => resolve());
  });
}

let goesOn = false;
let isLost = false;

/**
 * A reader that has seen enough (`vmfdag cache ls | head`) is no error: the command ends, unless it has more to do than print. If output cannot be
 * written for any other reason, such as a full disk, the command prints one line on standard error and has an exit code of its own.
 */
export function watchOutput(): void {
  process.on('exit', writePending);
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
  // For messages (`vmfdag --bogus 2>&1 | head -1`), the exit code stays, even if their text is lost.
  process.stderr.on('error', () => {});
}

/** From now on the command goes on to its end, whoever reads: `vmfdag run | head -1` is a whole run. */
export function goOnUnread(): void {
  goesOn = true;
}

/** The exit code of a command that has ended. If its output is lost, it has not done what it was asked for. */
export function withOutput(exitCode: number): number {
  writePending();
  return isLost && exitCode === EXIT.done ? EXIT.failed : exitCode;
}
