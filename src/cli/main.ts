import { fileURLToPath } from 'node:url';
import { Failure } from '../base/failure.ts';
import { EXIT, exitCodeOfFailure } from './exit-codes.ts';
import { errorLine } from './output.ts';
import { buildProgram } from './program.ts';

// A reader that has seen enough (`vmfdag cache ls | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});
// Nor is one of messages (`vmfdag --bogus 2>&1 | head -1`), whose exit code stands.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  process.exitCode = await buildProgram(fileURLToPath(new URL('./worker.js', import.meta.url))).run(process.argv);
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof Failure) {
    errorLine(error.message);
    return exitCodeOfFailure(error.kind);
  }
  // Not a mistake of the user's: a bug of ours, which the stack helps to find.
  errorLine(error instanceof Error ? (error.stack ?? error.message) : String(error));
  errorLine('this is a bug in vmfdag; nothing that was finished is lost');
  return EXIT.failed;
}
