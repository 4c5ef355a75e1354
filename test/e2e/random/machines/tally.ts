import { formatTable } from '../../../../src/engine/views/terminal/format.ts';
import { EXECUTORS, type ExecutorName, type Scene } from './scene.ts';

/** Counts what has befallen runs, and what they said. */
export class Tally {
  private readonly counts = new Map<string, Map<ExecutorName, number>>();
  private readonly messages = new Map<string, number>();
  private readonly rounds = new Map<string, number>();
  faults = 0;

  count(fault: string, { executor }: Scene): void {
    const row = this.counts.get(fault) ?? new Map<ExecutorName, number>();
    row.set(executor, (row.get(executor) ?? 0) + 1);
    this.counts.set(fault, row);
    this.faults++;
  }

  /** A message of a run. */
  countMessage(fact: string): void {
    this.messages.set(fact, (this.messages.get(fact) ?? 0) + 1);
  }

  /** A round has come to the digests of a local run. */
  countResult({ executor, shared }: Scene): void {
    const place = `${executor}, shared cache: ${shared}`;
    this.rounds.set(place, (this.rounds.get(place) ?? 0) + 1);
  }

  table(): string {
    const rows = [...this.counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, row]) => {
        const counts = EXECUTORS.map((executor) => row.get(executor) ?? 0);
        return [name, ...[...counts, counts.reduce((sum, each) => sum + each, 0)].map(String)];
      });
    const rounds = [...this.rounds].sort(([a], [b]) => (a < b ? -1 : 1));
    const messages = [...this.messages].sort(([, a], [, b]) => b - a);
    return [
      formatTable([['event', ...EXECUTORS, 'all'], ...rows], [1, 2, 3, 4, 5, 6]),
      `${this.faults} events`,
      ...rounds.map(([place, count]) => `${count} rounds with equal digests: ${place}`),
      ...messages.map(([fact, count]) => `${count} × ${fact}`),
    ].join('\n');
  }
}
