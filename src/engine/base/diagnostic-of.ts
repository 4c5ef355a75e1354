import type { Diagnostic } from './diagnostic.ts';
import { isFailure } from './failure.ts';

/** What an error says: the first diagnostic of a Failure. */
export function diagnosticOf(error: unknown): Diagnostic {
  return (isFailure(error) ? error.diagnostics[0] : undefined) ?? { fact: (error as Error).message };
}
