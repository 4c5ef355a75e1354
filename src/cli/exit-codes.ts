import type { FailureKind } from '../base/failure.ts';
import type { RunSummary } from '../run/events.ts';

/** Documented in the README; scripts depend on them. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export function exitCodeOfFailure(kind: FailureKind): number {
  return kind === 'usage' ? EXIT.usage : EXIT.failed;
}

export function exitCodeOfRun(outcome: RunSummary['outcome']): number {
  return EXIT[outcome];
}
