import type { PlanNode } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';
import { durationName, MeanSeconds } from './durations.ts';

/** What nodes take, as others of their kind have: in this run, or else in earlier ones. */
export class ExpectedSeconds {
  private readonly store: Pick<Store, 'durations'>;
  private readonly measured = new MeanSeconds();
  private remembered: Readonly<Record<string, number>> | undefined;

  constructor(store: Pick<Store, 'durations'>) {
    this.store = store;
  }

  /** A node was executed. */
  note(node: PlanNode, seconds: number): void {
    this.measured.note(durationName(node), seconds);
    this.measured.note(node.stage.name, seconds);
  }

  /** As those of its kind, or else of its stage; undefined while nobody knows. */
  of(node: PlanNode): number | undefined {
    return this.mean(durationName(node)) ?? this.mean(node.stage.name);
  }

  private mean(kind: string): number | undefined {
    this.remembered ??= this.store.durations();
    return this.measured.of(kind) ?? this.remembered[kind];
  }
}
