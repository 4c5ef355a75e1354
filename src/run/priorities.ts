import type { PlanNode } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';
import { inputNodes } from './survey.ts';

/** Above every critical path: a chain that is under way goes on before another one is begun. */
const CONTINUATION = 1e12;

/**
 * The longest way from each node to the end of the plan, in seconds, the node included: what is on the critical path
 * is started first.
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
export function priority(criticalPath: number, continuesChain: boolean): number {
  return continuesChain ? CONTINUATION + criticalPath : criticalPath;
}

/** The places of a plan's nodes in the queue. */
export class Priorities {
  private readonly nodes: readonly PlanNode[];
  private readonly store: Store;
  /** Computed when the first stale node is found: a run without one has no use for them. */
  private paths: Float64Array | undefined;

  constructor(nodes: readonly PlanNode[], store: Store) {
    this.nodes = nodes;
    this.store = store;
  }

  of(node: PlanNode, continuesChain: boolean): number {
    if (!this.paths) {
      const known = this.store.durations();
      this.paths = criticalPaths(this.nodes, (each) => known[durationName(each)] ?? 1);
    }
    return priority(this.paths[node.index] as number, continuesChain);
  }
}

/** Under which name a node's duration is remembered: epochs of one architecture take the same time, those of another do not. */
export function durationName(node: PlanNode): string {
  const [first] = Object.values(node.coordinates);
  return first === undefined ? node.stage.name : `${node.stage.name}/${first}`;
}
