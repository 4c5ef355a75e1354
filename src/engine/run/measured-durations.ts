import type { PlanNode } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';
import { durationName } from './priorities.ts';

/** Mean seconds of the nodes that a run executes, by the name under which later runs look for them. */
export class MeasuredDurations {
  private readonly sums = new Map<string, { seconds: number; count: number }>();

  add(node: PlanNode, seconds: number): void {
    const name = durationName(node);
    const { seconds: sum, count } = this.sums.get(name) ?? { seconds: 0, count: 0 };
    this.sums.set(name, { seconds: sum + seconds, count: count + 1 });
  }

  async remember(store: Store): Promise<void> {
    if (this.sums.size === 0) return;
    const means = [...this.sums].map(([name, { seconds, count }]) => [name, seconds / count] as const);
    await store.putDurations({ ...store.durations(), ...Object.fromEntries(means) });
  }
}
