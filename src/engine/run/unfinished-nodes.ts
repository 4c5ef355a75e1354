import type { PlanNode } from '../plan/plan.ts';
import { inputNodes } from '../staleness/survey.ts';

/**
 * Which unfinished nodes read which. The lists of all nodes follow each other in one array: ten thousand small arrays
 * would keep the garbage collector busy.
 */
export class UnfinishedNodes {
  static readonly none = new UnfinishedNodes([], []);
  /** Where a node's list begins; it ends where the next one's begins. */
  private readonly starts: Int32Array;
  private readonly readers: Int32Array;
  /** For each node, the number of its unfinished inputs. */
  private readonly missing: Int32Array;

  /** @param outputs of the finished nodes, by their indices */
  constructor(nodes: readonly PlanNode[], outputs: readonly unknown[]) {
    this.starts = new Int32Array(nodes.length + 1);
    this.missing = new Int32Array(nodes.length);
    const edges: number[] = [];
    for (const node of nodes) {
      if (outputs[node.index]) continue;
      for (const above of inputNodes(node)) {
        if (outputs[above]) continue;
        edges.push(above, node.index);
        add(this.missing, node.index, 1);
        add(this.starts, above + 1, 1);
      }
    }
    for (let index = 0; index < nodes.length; index++) add(this.starts, index + 1, this.starts[index] as number);
    this.readers = new Int32Array(edges.length / 2);
    const next = this.starts.slice();
    for (let at = 0; at < edges.length; at += 2) {
      this.readers[add(next, edges[at] as number, 1) - 1] = edges[at + 1] as number;
    }
  }

  readersOf(index: number): Int32Array {
    return this.readers.subarray(this.starts[index], this.starts[index + 1]);
  }

  /** A node has finished. @returns the nodes that now have all their inputs */
  finish(index: number): readonly number[] {
    return [...this.readersOf(index)].filter((reader) => add(this.missing, reader, -1) === 0);
  }
}

function add(numbers: Int32Array, index: number, change: number): number {
  const sum = (numbers[index] as number) + change;
  numbers[index] = sum;
  return sum;
}
