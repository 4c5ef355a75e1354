import type { PlanNode } from '../plan/plan.ts';
import { inputNodes } from '../staleness/survey.ts';

/** Which unfinished nodes read which. */
export class UnfinishedNodes {
  static readonly none = new UnfinishedNodes([], []);
  private readonly readers = new Map<number, number[]>();
  /** For each node, the number of its unfinished inputs. */
  private readonly missing: Int32Array;
  private readonly givenUp = new Set<number>();

  /** @param outputs of the finished nodes, by their indices */
  constructor(nodes: readonly PlanNode[], outputs: readonly unknown[]) {
    this.missing = new Int32Array(nodes.length);
    for (const node of nodes) {
      if (outputs[node.index]) continue;
      const open = inputNodes(node).filter((above) => !outputs[above]);
      this.missing[node.index] = open.length;
      for (const above of open) {
        const readers = this.readers.get(above);
        if (readers) readers.push(node.index);
        else this.readers.set(above, [node.index]);
      }
    }
  }

  /** A node has finished. @returns the nodes that now have all their inputs */
  finish(index: number): readonly number[] {
    return this.readersOf(index).filter((reader) => {
      const missing = (this.missing[reader] as number) - 1;
      this.missing[reader] = missing;
      return missing === 0;
    });
  }

  /** A node will not finish. @returns the nodes downstream, except for those that were returned before */
  giveUp(index: number): readonly number[] {
    const below: number[] = [];
    for (let next: number | undefined = index, at = 0; next !== undefined; next = below[at++]) {
      const found = this.readersOf(next).filter((reader) => !this.givenUp.has(reader));
      for (const reader of found) this.givenUp.add(reader);
      below.push(...found);
    }
    return below;
  }

  private readersOf(index: number): readonly number[] {
    return this.readers.get(index) ?? [];
  }
}
