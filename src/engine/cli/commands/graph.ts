import { planProject } from '../../api/project/plan-project.ts';
import { withSurvey } from '../../api/project/survey-project.ts';
import { suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import type { Plan } from '../../plan/plan.ts';
import type { NodeState } from '../../staleness/survey.ts';
import { type Expansion, type Graph, graphOf } from '../../views/graph/graph.ts';
import { dot, mermaid } from '../../views/graph/graph-text.ts';
import { openProject, type Project, type ProjectOptions } from '../options/project-options.ts';
import { line, printJson } from '../process/output.ts';

export interface GraphOptions extends ProjectOptions {
  readonly target?: readonly string[];
  readonly format: 'mermaid' | 'dot' | 'svg' | 'html';
  /** `true` for all stages. */
  readonly expand?: true | readonly string[];
  /** Whether to read from the cache what is up to date. */
  readonly states: boolean;
  readonly json?: boolean;
}

/** `vmfdag graph`: the plan as a drawing, a box for each stage or for each node. */
export async function graph(options: GraphOptions): Promise<number> {
  const project = openProject(options);
  const drawn = await graphOfProject(project, options);
  if (options.json) printJson(drawn);
  else line(await draw(drawn, options.format, project));
  return 0;
}

function graphOfProject(project: Project, { target = [], expand = [], states }: GraphOptions): Graph | Promise<Graph> {
  const drawn = (plan: Plan, known?: readonly NodeState['state'][]) => graphOf(plan, expansionOf(plan, expand), known);
  if (!states) return drawn(planProject(project, target));
  return withSurvey(project, { targets: target }, (survey) =>
    drawn(
      survey.request.plan,
      survey.states.map(({ state }) => state),
    ),
  );
}

function expansionOf({ nodes }: Plan, expand: true | readonly string[]): Expansion {
  if (expand === true) return { kind: 'all' };
  const stages = new Set(nodes.map(({ stage }) => stage.name));
  const unknown = expand.find((name) => !stages.has(name));
  if (unknown !== undefined) {
    throw new Failure('usage', {
      fact: `--expand ${unknown}: no stage of that name is part of this graph`,
      fix: suggestName(unknown, stages),
    });
  }
  return { kind: 'stages', stages: new Set(expand) };
}

async function draw(drawn: Graph, format: GraphOptions['format'], { pipeline }: Project): Promise<string> {
  switch (format) {
    case 'mermaid':
      return mermaid(drawn);
    case 'dot':
      return dot(drawn);
    case 'svg':
    case 'html': {
      // Graphviz is two megabytes of WebAssembly, which the text formats do not need.
      const { svg } = await import('../../views/graph/svg.ts');
      const drawing = await svg(drawn);
      if (format === 'svg') return drawing;
      const { graphPage } = await import('../../views/graph/graph-page.ts');
      return graphPage(pipeline.name || pipeline.file, drawn, drawing);
    }
  }
}
