import { renderDiagnostic } from '../../base/diagnostic.ts';
import { errorLines } from '../../base/error-report.ts';
import type { FailedAttempt } from '../../store/failed-attempt.ts';

/** What is kept of a failed attempt, except for its log. */
export function failureLines({ diagnostic, error }: FailedAttempt): readonly string[] {
  return [...renderDiagnostic(diagnostic).split('\n'), ...(error ? errorLines(error) : [])];
}

/** The last lines of a log, with the number of omitted ones; empty for an empty log. */
export function logLines(log: string, most = Number.POSITIVE_INFINITY): readonly string[] {
  if (log.trim() === '') return [];
  const lines = log.trimEnd().split('\n');
  const left = Math.max(0, lines.length - most);
  return [...(left > 0 ? [`… ${left} lines before these`] : []), ...lines.slice(left)];
}
