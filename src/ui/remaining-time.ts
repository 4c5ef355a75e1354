import type { NodeId } from '../plan/plan.ts';

/**
 * Estimates how long the rest of a run takes, from the durations of earlier nodes of the same kind (stage and first
 * coordinate), and of this run's as they come in.
 */
export class RemainingTime {
  private readonly jobs: number;
  private readonly means: Map<string, { seconds: number; count: number }>;
  private readonly openNodes = new Map<string, number>();

  /** @param durations mean seconds of earlier runs, by kind. */
  constructor(nodes: readonly NodeId[], durations: Readonly<Record<string, number>>, jobs: number) {
    this.jobs = jobs;
    this.means = new Map(Object.entries(durations).map(([kind, seconds]) => [kind, { seconds, count: 1 }]));
    for (const node of nodes) this.open(node);
  }

  /** The node will take time: it is part of the run, or is made again. */
  open(node: NodeId): void {
    this.openNodes.set(kindOf(node), (this.openNodes.get(kindOf(node)) ?? 0) + 1);
  }

  /** The node will take no more time: it was found, or has ended. */
  close(node: NodeId): void {
    this.openNodes.set(kindOf(node), (this.openNodes.get(kindOf(node)) ?? 1) - 1);
  }

  measure(node: NodeId, seconds: number): void {
    const { seconds: mean, count } = this.means.get(kindOf(node)) ?? { seconds: 0, count: 0 };
    this.means.set(kindOf(node), { seconds: (mean * count + seconds) / (count + 1), count: count + 1 });
  }

  /** Seconds, or nothing as long as a kind that is still to come has never been measured. */
  estimate(): number | undefined {
    let total = 0;
    for (const [kind, count] of this.openNodes) {
      if (count <= 0) continue;
      const mean = this.means.get(kind);
      if (!mean) return undefined;
      total += mean.seconds * count;
    }
    return total / this.jobs;
  }
}

function kindOf(node: NodeId): string {
  return node.split('/', 2).join('/');
}
