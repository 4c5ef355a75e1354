import type { PlanNode } from '../../plan/plan.ts';
import { inputNodes } from '../../plan/sources.ts';
import { criticalPaths } from '../../run/priorities.ts';
import type { CriticalPath } from './protocol.ts';

const NODES_SHOWN = 200;

/**
 * The chain of nodes that takes longest.
 * @param secondsOf what a node takes, or took: 0 for one that does not count
 */
export function criticalPath(
  nodes: readonly PlanNode[],
  kind: CriticalPath['kind'],
  secondsOf: (index: number) => number,
): CriticalPath | null {
  const paths = criticalPaths(nodes, ({ index }) => secondsOf(index));
  // The node below that the longest path goes through.
  const below = new Int32Array(nodes.length).fill(-1);
  for (const node of nodes) {
    for (const above of inputNodes(node)) {
      const best = below[above] as number;
      if (best < 0 || (paths[node.index] as number) > (paths[best] as number)) below[above] = node.index;
    }
  }
  let first = 0;
  for (let index = 1; index < nodes.length; index++) {
    if ((paths[index] as number) > (paths[first] as number)) first = index;
  }
  const seconds = paths[first] ?? 0;
  if (seconds === 0) return null;
  const chain: string[] = [];
  for (let index = first; index >= 0; index = below[index] as number) {
    if (secondsOf(index) > 0) chain.push((nodes[index] as PlanNode).id);
  }
  return { kind, seconds, nodes: chain.slice(0, NODES_SHOWN), length: chain.length };
}
