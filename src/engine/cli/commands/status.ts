import { withSurvey } from '../../api/project/survey-project.ts';
import { optimize } from '../../base/optimize.ts';
import type { NodeState } from '../../staleness/survey.ts';
import { changedOutsideLines } from '../../views/explain/changed-outside-lines.ts';
import { restorationLines } from '../../views/explain/planned-work-lines.ts';
import { statesJson } from '../../views/explain/state-json.ts';
import { formatSeconds, formatTable } from '../../views/terminal/format.ts';
import { openProject, type ProjectOptions } from '../options/project-options.ts';
import { line, printJson } from '../process/output.ts';

export interface StatusOptions extends ProjectOptions {
  readonly target?: readonly string[];
  readonly json?: boolean;
}

/** `vmfdag status`: how many nodes of each stage are up to date, and which are not. */
export function status(options: StatusOptions): Promise<number> {
  const project = openProject(options);
  optimize('late');
  return withSurvey(project, { targets: options.target }, ({ states }, store) => {
    if (options.json) {
      printJson(statesJson(states, store));
      return 0;
    }
    const stages = [...new Set(states.map(({ node }) => node.stage.name))];
    const rows = stages.map((stage) =>
      stageRow(
        stage,
        states.filter(({ node }) => node.stage.name === stage),
      ),
    );
    // Few pipelines end chains early.
    const ends = states.some(({ state }) => state === 'cutShort');
    const head = ['stage', 'nodes', 'up to date', 'stale', 'waiting', ...(ends ? ['cut short'] : []), 'time stored'];
    line(formatTable([head, ...rows.map((row) => (ends ? row : row.toSpliced(5, 1)))], [1, 2, 3, 4, 5, 6]));
    for (const text of changedOutsideLines(states)) line(text);
    for (const text of restorationLines(states, store)) line(text);
    return 0;
  });
}

function stageRow(stage: string, states: readonly NodeState[]): readonly string[] {
  const count = (wanted: NodeState['state']) => String(states.filter(({ state }) => state === wanted).length);
  const seconds = states.reduce((sum, state) => sum + (state.state === 'current' ? state.seconds : 0), 0);
  return [
    stage,
    String(states.length),
    count('current'),
    count('stale'),
    count('waiting'),
    count('cutShort'),
    formatSeconds(seconds),
  ];
}
