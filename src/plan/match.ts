import { suggestName } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { segmentsOf } from './expanded-stage.ts';
import { explainNoMatch, fitPattern, isFitted, matchesSegments, type PatternProblem, parsePattern } from './pattern.ts';
import type { Plan, PlanNode } from './plan.ts';

/**
 * The nodes of a plan that a pattern names: a stage, a node id with wildcards, or named coordinates.
 * @throws {Failure} of kind `usage` where there is none.
 */
export function matchNodes(plan: Plan, text: string): readonly PlanNode[] {
  const pattern = parsePattern(text);
  const byStage = new Map<string, PlanNode[]>();
  for (const node of plan.nodes) {
    const { name } = node.stage;
    const same = byStage.get(name);
    if (same) same.push(node);
    else byStage.set(name, [node]);
  }
  const stages = [...byStage].filter(([name]) => pattern.stage.matches(name));
  if (stages.length === 0)
    throw noMatch({
      fact: `the plan has no stage "${pattern.stage.text}"`,
      fix: suggestName(pattern.stage.text, byStage.keys()),
    });
  const found: PlanNode[] = [];
  let problem: PatternProblem | undefined;
  for (const [name, nodes] of stages) {
    const names = Object.keys(nodes[0]?.coordinates ?? {});
    const fitted = fitPattern(pattern, name, names);
    if (!isFitted(fitted)) {
      problem = fitted;
      continue;
    }
    const matching = nodes.filter((node) => matchesSegments(fitted, segmentsOf(node)));
    if (matching.length === 0) problem = explainNoMatch(pattern, fitted, names, nodes.map(segmentsOf));
    for (const node of matching) found.push(node);
  }
  if (found.length === 0 && problem) throw noMatch(problem);
  return found;
}

/**
 * The one output that `NODE.OUTPUT` names; the output may be left out where the stage has only one.
 * @throws {Failure} of kind `usage` where there is none or more than one.
 */
export function matchOutput(plan: Plan, text: string): { readonly node: PlanNode; readonly output: string } {
  // A coordinate value may hold a dot: an id is an id before it is anything else.
  const dot = plan.nodes.some(({ id }) => id === text) ? -1 : text.lastIndexOf('.');
  const nodeText = dot < 0 ? text : text.slice(0, dot);
  const [node, ...others] = matchNodes(plan, nodeText);
  if (!node || others.length > 0) {
    const example = node?.id ?? '';
    throw noMatch({
      fact: `"${nodeText}" is ${others.length + 1} nodes`,
      fix: `name one of them, for example ${example}`,
    });
  }
  const outputs = Object.keys(node.stage.outputs);
  if (dot < 0) {
    const [only, second] = outputs;
    if (only !== undefined && second === undefined) return { node, output: only };
    throw noMatch({
      fact: `"${text}" does not say which output`,
      fix: `write ${outputs.map((name) => `${text}.${name}`).join(' or ')}`,
    });
  }
  const output = text.slice(dot + 1);
  if (outputs.includes(output)) return { node, output };
  throw noMatch({ fact: `stage "${node.stage.name}" has no output "${output}"`, fix: suggestName(output, outputs) });
}

function noMatch(problem: PatternProblem): Failure {
  return new Failure('usage', problem);
}
