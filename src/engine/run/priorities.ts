import type { OutputReference, Plan, PlanNode } from '../plan/plan.ts';
import { inputNodes, sourcesOf } from '../plan/sources.ts';
import { durationName } from './durations.ts';

/**
 * Offsets that count before the critical path; each step is longer than any path. A chain that is under way goes on before another one begins. First
 * come nodes that read bytes which are evicted afterwards: otherwise all of a chain would be kept until its last step.
 */
const URGENCIES = { usual: 0, 'continues a chain': 1e12, 'reads temporary bytes': 2e12 } as const;

/**
 * The longest path from each node to the end of the plan, in seconds, the node included: the critical path
 * starts first.
 */
export function criticalPaths(nodes: readonly PlanNode[], secondsOf: (node: PlanNode) => number): Float64Array {
  const paths = new Float64Array(nodes.length);
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index] as PlanNode;
    const path = (paths[index] as number) + secondsOf(node);
    paths[index] = path;
    for (const above of inputNodes(node)) paths[above] = Math.max(paths[above] as number, path);
  }
  return paths;
}

/** A node's place in the queue: higher comes first. */
export function priority(criticalPath: number, urgency: keyof typeof URGENCIES): number {
  return URGENCIES[urgency] + criticalPath;
}

/** The places of a plan's nodes in the queue. */
export class Priorities {
  private readonly plan: Plan;
  private readonly paths: Float64Array;

  /** @param durations mean seconds of earlier nodes, as `Store.durations` gives them; a finished node takes no time */
  constructor(plan: Plan, durations: Readonly<Record<string, number>>, isDone: (index: number) => boolean) {
    this.plan = plan;
    this.paths = criticalPaths(plan.nodes, (node) => (isDone(node.index) ? 0 : (durations[durationName(node)] ?? 1)));
  }

  of(node: PlanNode, continuesChain: boolean): number {
    const otherwise = continuesChain ? 'continues a chain' : 'usual';
    return priority(
      this.paths[node.index] as number,
      this.readsTemporaryBytes(node) ? 'reads temporary bytes' : otherwise,
    );
  }

  /** Whether it reads bytes that will be evicted, and does not carry them on. */
  private readsTemporaryBytes({ inputs, chain }: PlanNode): boolean {
    const { nodes, transient } = this.plan;
    const mayGo = ({ node, output }: OutputReference) =>
      transient.get(node)?.includes(output) === true && (chain === undefined || nodes[node]?.chain !== chain);
    return inputs.some((input) => sourcesOf(input).some(mayGo));
  }
}
