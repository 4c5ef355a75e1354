import type { NodeId, PlanNode } from '../../plan/plan.ts';
import { knownDurations } from '../../run/durations.ts';
import type { Store } from '../../store/store.ts';
import { formatSeconds } from './format.ts';

/** How long the rest of a run takes, in seconds. */
export type RemainingEstimate =
  | { readonly kind: 'about'; readonly seconds: number }
  /** Some of the remaining work has never been measured, and comes on top. */
  | { readonly kind: 'at least'; readonly seconds: number }
  | { readonly kind: 'not known' };

/** The remaining time of a run that begins, from the durations that the store knows. */
export function remainingTimeOf(nodes: readonly PlanNode[], store: Store, jobs: number): RemainingTime {
  const ids = nodes.map(({ id }) => id);
  return new RemainingTime(ids, () => knownDurations(nodes, store), jobs);
}

/**
 * Estimates how long the rest of a run takes. It uses the durations of earlier nodes of the same kind (stage and first
 * coordinate), and of this run's as they end.
 */
export class RemainingTime {
  private readonly jobs: number;
  private readonly recall: () => Readonly<Record<string, number>>;
  private recalled: Map<string, { seconds: number; count: number }> | undefined;
  private readonly openNodes = new Map<string, number>();

  /** @param recall returns mean seconds of earlier nodes, by kind; called once something is executed or shown */
  constructor(nodes: readonly NodeId[], recall: () => Readonly<Record<string, number>>, jobs: number) {
    this.jobs = jobs;
    this.recall = recall;
    for (const node of nodes) this.open(node);
  }

  /** The node will take time: it is executed in this run. */
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

  private get means(): Map<string, { seconds: number; count: number }> {
    this.recalled ??= new Map(Object.entries(this.recall()).map(([kind, seconds]) => [kind, { seconds, count: 1 }]));
    return this.recalled;
  }

  estimate(): RemainingEstimate {
    let total = 0;
    let [measured, unmeasured] = [0, 0];
    for (const [kind, count] of this.openNodes) {
      if (count <= 0) continue;
      const mean = this.means.get(kind);
      if (mean) {
        total += mean.seconds * count;
        measured += count;
      } else {
        unmeasured += count;
      }
    }
    const seconds = total / this.jobs;
    if (unmeasured === 0) return { kind: 'about', seconds };
    return measured === 0 ? { kind: 'not known' } : { kind: 'at least', seconds };
  }
}

/** `at least 3 min 20 s left`. */
export function describeRemaining(estimate: RemainingEstimate): string {
  return estimate.kind === 'not known'
    ? 'time left not known yet'
    : `${estimate.kind} ${formatSeconds(estimate.seconds)} left`;
}

function kindOf(node: NodeId): string {
  return node.split('/', 2).join('/');
}
