import type { PlanNode, PlanRung } from '../plan/plan.ts';
import { inputNodes } from '../plan/sources.ts';

/** A rung that is not decided: what it compares, and what it decides. */
interface OpenRung {
  missing: number;
  readonly gated: number[];
}

/** Which unfinished nodes read which. */
export class UnfinishedNodes {
  static readonly none = new UnfinishedNodes([], []);
  /** By candidate. The nodes behind a rung wait for it: each of them would be a reader of each candidate. */
  private readonly rungs = new Map<number, OpenRung[]>();
  private readonly readers = new Map<number, number[]>();
  /** For each node, the number of its unfinished inputs. */
  private readonly missing: Int32Array;
  private readonly givenUp = new Set<number>();

  /** @param outputs of the finished nodes, by their indices */
  constructor(nodes: readonly PlanNode[], outputs: readonly unknown[]) {
    this.missing = new Int32Array(nodes.length);
    const rungs = new Map<PlanRung, OpenRung>();
    for (const node of nodes) {
      if (outputs[node.index]) continue;
      const open = inputNodes(node).filter((above) => !outputs[above]);
      this.missing[node.index] = open.length;
      for (const above of open) {
        const readers = this.readers.get(above);
        if (readers) readers.push(node.index);
        else this.readers.set(above, [node.index]);
      }
      const { gate } = node;
      const rung = gate?.rung && this.open(gate.rung, rungs, outputs);
      if (!rung || rung.missing === 0) continue;
      rung.gated.push(node.index);
      this.missing[node.index] = (this.missing[node.index] as number) + 1;
    }
  }

  private open(rung: PlanRung, known: Map<PlanRung, OpenRung>, outputs: readonly unknown[]): OpenRung {
    const found = known.get(rung);
    if (found) return found;
    const candidates = rung.candidates.filter((index) => !outputs[index]);
    const opened: OpenRung = { missing: candidates.length, gated: [] };
    known.set(rung, opened);
    for (const index of candidates) this.rungs.set(index, [...(this.rungs.get(index) ?? []), opened]);
    return opened;
  }

  /** A node has finished. @returns the nodes that now have all their inputs */
  finish(index: number): readonly number[] {
    const decided = (this.rungs.get(index) ?? []).filter((rung) => --rung.missing === 0);
    return [...this.readersOf(index), ...decided.flatMap(({ gated }) => gated)].filter((reader) => {
      const missing = (this.missing[reader] as number) - 1;
      this.missing[reader] = missing;
      return missing === 0;
    });
  }

  /** A node will not finish. @returns the nodes downstream, except for those that were returned before */
  giveUp(index: number): readonly number[] {
    const below: number[] = [];
    for (let next: number | undefined = index, at = 0; next !== undefined; next = below[at++]) {
      const gated = (this.rungs.get(next) ?? []).flatMap((rung) => rung.gated);
      const waiting = gated.length > 0 ? [...new Set([...this.readersOf(next), ...gated])] : this.readersOf(next);
      const found = waiting.filter((reader) => !this.givenUp.has(reader));
      for (const reader of found) this.givenUp.add(reader);
      below.push(...found);
    }
    return below;
  }

  private readersOf(index: number): readonly number[] {
    return this.readers.get(index) ?? [];
  }
}
