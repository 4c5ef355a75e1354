import type { FailureKind } from '../../base/failure.ts';
import type { RunSummary } from '../../run/events.ts';

/** Documented in the README; scripts depend on them. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'a stage failed, or the cache or the machine did',
  2: 'the command line, the pipeline file or what a stage declares is wrong',
  130: 'interrupted; the same command goes on from where it stopped',
};

export function exitCodeOfFailure(kind: FailureKind): number {
  return kind === 'usage' ? EXIT.usage : EXIT.failed;
}

/** A node that was refused for its declarations is a mistake in the pipeline file or in its stage, whatever else failed: no retry helps. */
export function exitCodeOfRun({ outcome, misconfigured }: Pick<RunSummary, 'outcome' | 'misconfigured'>): number {
  return outcome === 'failed' && misconfigured > 0 ? EXIT.usage : EXIT[outcome];
}
