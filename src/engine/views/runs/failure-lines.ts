import { renderDiagnostic } from '../../base/diagnostic.ts';
import { errorLines } from '../../base/error-report.ts';
import type { FailedAttempt } from '../../store/failed-attempt.ts';

/** All that is kept of a failed attempt but its log. */
export function failureLines({ diagnostic, error }: FailedAttempt): readonly string[] {
  return [...renderDiagnostic(diagnostic).split('\n'), ...(error ? errorLines(error) : [])];
}

/** The end of a log, of at most so many lines, with what is left out; nothing where nothing was logged. */
export function logLines(log: string, most = Number.POSITIVE_INFINITY): readonly string[] {
  if (log.trim() === '') return [];
  const lines = log.trimEnd().split('\n');
  const left = Math.max(0, lines.length - most);
  return [...(left > 0 ? [`… ${left} lines before these`] : []), ...lines.slice(left)];
}
