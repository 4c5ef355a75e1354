import { describeFiles } from '../../staleness/describe-files.ts';
import type { NodeState } from '../../staleness/survey.ts';

/** What differs in directories that stale nodes read; nodes that read the same ones share a line. */
export function changedFileLines(states: readonly NodeState[]): ReadonlySet<string> {
  const changes = states.flatMap((state) =>
    state.state === 'stale' && state.reason.rule === 'inputs' ? state.reason.changes : [],
  );
  return new Set(changes.flatMap(({ input, files }) => (files ? [`${input}: ${describeFiles(files)}`] : [])));
}
