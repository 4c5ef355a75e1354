import { buildPlan } from '../../plan/build.ts';
import { drawGraph, type GraphFormat } from '../../report/graph.ts';
import { line } from '../output.ts';
import { openProject, type ProjectOptions } from '../project.ts';

export interface GraphOptions extends ProjectOptions {
  readonly target?: readonly string[];
  readonly format: GraphFormat;
  readonly expand?: boolean;
}

/** `vmfdag graph`: the plan as Mermaid or Graphviz text. */
export async function graph(options: GraphOptions): Promise<number> {
  const { spec } = openProject(options);
  const targets = options.target ?? [];
  line(drawGraph(buildPlan(spec, targets.length > 0 ? { targets } : {}), options.format, options.expand === true));
  return 0;
}
