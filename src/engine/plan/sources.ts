import type { OutputReference, PlanInput, PlanNode } from './plan.ts';

/** The outputs that an input reads: one, or all that it gathers. */
export function sourcesOf(input: PlanInput): readonly OutputReference[] {
  return input.kind === 'one' ? [input.source] : input.sources;
}

/** Indices of the nodes that a node reads from, each once. */
export function inputNodes(node: PlanNode): readonly number[] {
  const [first, second] = node.inputs;
  // Nearly all nodes of a long chain have a single input: they need no set.
  if (first?.kind === 'one' && second === undefined) return [first.source.node];
  const indices = new Set<number>();
  for (const input of node.inputs) for (const source of sourcesOf(input)) indices.add(source.node);
  return [...indices];
}
