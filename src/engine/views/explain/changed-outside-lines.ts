import { describeFiles } from '../../staleness/describe-files.ts';
import { describeReason } from '../../staleness/describe-reason.ts';
import type { NodeState } from '../../staleness/survey.ts';

/** What differs outside of the pipeline: in directories that stale nodes read, and in software. Nodes of which the same is true share a line. */
export function changedOutsideLines(states: readonly NodeState[]): ReadonlySet<string> {
  return new Set(states.flatMap((state) => (state.state === 'stale' ? linesOf(state) : [])));
}

function linesOf({ node, reason }: Extract<NodeState, { state: 'stale' }>): readonly string[] {
  switch (reason.rule) {
    case 'inputs':
      return reason.changes.flatMap(({ input, files }) => (files ? [`${input}: ${describeFiles(files)}`] : []));
    case 'software':
      return [`${node.stage.name}: ${describeReason(reason)}`];
    default:
      return [];
  }
}
