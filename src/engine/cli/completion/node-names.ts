import type { Plan, PlanNode } from '../../plan/plan.ts';
import { formatCount } from '../../views/terminal/format.ts';
import type { Candidate } from './candidates.ts';

/**
 * Nodes whose names begin with a word, one coordinate further than the word: `train/` stands for all nodes of the stage, and thousands of nodes
 * are never listed at once.
 */
export function nodeNames({ nodes }: Plan, word: string): readonly Candidate[] {
  const found = new Map<string, number>();
  for (const { id } of nodes) {
    if (!id.startsWith(word)) continue;
    const slash = id.indexOf('/', word.length);
    const name = slash < 0 ? id : id.slice(0, slash + 1);
    found.set(name, (found.get(name) ?? 0) + 1);
  }
  return [...found].map(([value, count]) => ({
    value,
    description: value.endsWith('/') ? formatCount(count, 'node') : 'node',
  }));
}

/** Like `nodeNames`, and the outputs of nodes that are named in full. */
export function outputNames(plan: Plan, word: string): readonly Candidate[] {
  const byId = new Map<string, PlanNode>(plan.nodes.map((node) => [node.id, node]));
  const named = nodeNames(plan, word).flatMap(({ value, description }) => {
    const node = byId.get(value);
    return node ? outputsOf(node) : [{ value, description }];
  });
  // A coordinate may contain a dot: the text before the last dot names the node.
  const dot = word.lastIndexOf('.');
  const node = dot > 0 ? byId.get(word.slice(0, dot)) : undefined;
  return node ? [...outputsOf(node), ...named] : named;
}

function outputsOf({ id, stage }: PlanNode): readonly Candidate[] {
  return Object.entries(stage.outputs).map(([name, type]) => ({ value: `${id}.${name}`, description: type }));
}
