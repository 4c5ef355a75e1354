import { formatTable } from '../../../../src/engine/views/terminal/format.ts';
import type { FaultKind } from './kinds.ts';
import { KILLS } from './kinds.ts';
import { VARIANTS, type Variant } from './project.ts';

const REPORT_EVERY = 25;

/** Counts what has befallen runs, of what, and how long those runs took. */
export class Tally {
  private readonly counts = new Map<FaultKind, Map<Variant, number>>();
  private readonly seconds = new Map<FaultKind, number>();
  private results = 0;
  private crashes = 0;
  private faults = 0;
  private readonly report: (text: string) => void;

  /** @param report told every now and then how far it is. */
  constructor(report: (text: string) => void) {
    this.report = report;
  }

  count(kind: FaultKind, variant: Variant, seconds: number): void {
    const row = this.counts.get(kind) ?? new Map<Variant, number>();
    row.set(variant, (row.get(variant) ?? 0) + 1);
    this.counts.set(kind, row);
    this.seconds.set(kind, (this.seconds.get(kind) ?? 0) + seconds);
    this.faults++;
    if (this.faults % REPORT_EVERY === 0) this.report(`${this.faults} faults, ${this.results} results`);
  }

  /** lmdb has answered a fault of the disk with a crash. */
  countCrash(): void {
    this.crashes++;
  }

  /** A variant has come to what it has to come to. */
  countResult(): void {
    this.results++;
  }

  /** How many runs were killed by `kill -9`, whole or in part. */
  get kills(): number {
    return KILLS.reduce((sum, kind) => sum + this.total(kind), 0);
  }

  table(): string {
    const kinds = [...this.counts.keys()].sort();
    const rows = kinds.map((kind) => [
      kind,
      ...VARIANTS.map((variant) => String(this.counts.get(kind)?.get(variant) ?? 0)),
      String(this.total(kind)),
      (this.seconds.get(kind) ?? 0).toFixed(1),
    ]);
    const table = formatTable([['fault', ...VARIANTS, 'all', 'seconds'], ...rows], [1, 2, 3, 4, 5, 6]);
    return `${table}\n${this.faults} faults, ${this.kills} of them by kill -9, ${this.crashes} answered by lmdb with a crash; ${this.results} results compared with the undisturbed ones`;
  }

  private total(kind: FaultKind): number {
    return [...(this.counts.get(kind)?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  }
}
