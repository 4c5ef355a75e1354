import type { PlanNode } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';
import { durationName } from './priorities.ts';

/** What nodes take, as others of their kind have: in this run, or else in earlier ones. */
export class ExpectedSeconds {
  private readonly store: Pick<Store, 'durations'>;
  private readonly measured = new Map<string, { count: number; seconds: number }>();
  private remembered: Readonly<Record<string, number>> | undefined;

  constructor(store: Pick<Store, 'durations'>) {
    this.store = store;
  }

  /** A node was executed. */
  note(node: PlanNode, seconds: number): void {
    for (const kind of [durationName(node), node.stage.name]) {
      const sum = this.measured.get(kind);
      if (sum) {
        sum.count++;
        sum.seconds += seconds;
      } else this.measured.set(kind, { count: 1, seconds });
    }
  }

  /** As those of its kind, or else of its stage; undefined while nobody knows. */
  of(node: PlanNode): number | undefined {
    return this.mean(durationName(node)) ?? this.mean(node.stage.name);
  }

  private mean(kind: string): number | undefined {
    const measured = this.measured.get(kind);
    if (measured) return measured.seconds / measured.count;
    this.remembered ??= this.store.durations();
    return this.remembered[kind];
  }
}
