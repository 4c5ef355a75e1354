import { fileURLToPath } from 'node:url';
import { renderDiagnostic } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { SameProcessNumber } from '../base/same-process-number.ts';
import { explainSystemError } from '../base/system-error.ts';
import { EXIT, exitCodeOfFailure } from './process/exit-codes.ts';
import { errorLine, watchOutput, withOutput } from './process/output.ts';
import { buildProgram } from './program.ts';

watchOutput();

buildProgram(fileURLToPath(new URL('./worker.cjs', import.meta.url)))
  .run(process.argv)
  .catch(report)
  .then((exitCode) => {
    process.exitCode = withOutput(exitCode);
  });

async function report(error: unknown): Promise<number> {
  if (error instanceof Failure) {
    if (error instanceof SameProcessNumber) {
      const ended = await (await import('./process/start-anew.ts')).startAnew();
      if (ended !== undefined) return ended;
    }
    errorLine(error.message);
    return exitCodeOfFailure(error.kind);
  }
  const refused = explainSystemError(error);
  if (refused) {
    errorLine(renderDiagnostic(refused));
    return EXIT.failed;
  }
  // No mistake of the user: a bug of ours, which the stack helps to find.
  errorLine(error instanceof Error ? (error.stack ?? error.message) : String(error));
  errorLine('this is a bug in vmfdag; nothing that was finished is lost');
  return EXIT.failed;
}
