import type { ArtefactDigest } from '../base/digest.ts';
import type { PlanNode } from '../plan/plan.ts';
import { inputNodes } from '../staleness/survey.ts';

/** How far a node is; it only ever moves to the right. */
type Progress = 'waiting' | 'pending' | 'done' | 'failed' | 'skipped';

/** For each node a list of others, one after the other in one array: ten thousand small arrays would keep the collector busy. */
interface Adjacency {
  /** Where node i's list begins; it ends where the next one's begins. */
  readonly starts: Int32Array;
  readonly others: Int32Array;
}

/** Keeps count of which nodes have all their inputs, and of what has become of the others. */
export class NodeTable {
  private readonly nodes: readonly PlanNode[];
  private readonly outputs: (readonly ArtefactDigest[] | undefined)[];
  private readonly above: Adjacency;
  private readonly below: Adjacency;
  private readonly unresolved: Int32Array;
  private readonly progress: Progress[];
  /** Whether the node, or one above it, was executed in this run: 1 or 0. */
  private readonly touched: Uint8Array;

  /** @param outputs of the nodes that are up to date; with every input's source there too. It is kept up from here on. */
  constructor(nodes: readonly PlanNode[], outputs: (readonly ArtefactDigest[] | undefined)[]) {
    this.nodes = nodes;
    this.outputs = outputs;
    this.progress = outputs.map((found) => (found ? 'done' : 'waiting'));
    this.touched = new Uint8Array(nodes.length);
    this.above = adjacencyOfInputs(nodes);
    this.below = reversed(this.above);
    this.unresolved = new Int32Array(nodes.length);
    const { starts, others } = this.above;
    for (let index = 0; index < nodes.length; index++) {
      const end = starts[index + 1] as number;
      let missing = 0;
      for (let at = starts[index] as number; at < end; at++) if (!outputs[others[at] as number]) missing++;
      this.unresolved[index] = missing;
    }
  }

  /** The node has to run. */
  pend({ index }: PlanNode): void {
    this.progress[index] = 'pending';
  }

  /** Records a finished node and returns those whose last missing input it was. */
  finish({ index }: PlanNode, outputs: readonly ArtefactDigest[], executed: boolean): readonly PlanNode[] {
    this.progress[index] = 'done';
    this.outputs[index] = outputs;
    this.touched[index] = executed || this.isBelowExecuted(this.nodes[index] as PlanNode) ? 1 : 0;
    const ready: PlanNode[] = [];
    const { starts, others } = this.below;
    const end = starts[index + 1] as number;
    for (let at = starts[index] as number; at < end; at++) {
      const dependent = others[at] as number;
      const left = (this.unresolved[dependent] as number) - 1;
      this.unresolved[dependent] = left;
      if (left === 0 && this.progress[dependent] === 'waiting') ready.push(this.nodes[dependent] as PlanNode);
    }
    return ready;
  }

  /** Whether a node above this one was executed in this run. */
  isBelowExecuted({ index }: PlanNode): boolean {
    const { starts, others } = this.above;
    const end = starts[index + 1] as number;
    for (let at = starts[index] as number; at < end; at++) if (this.touched[others[at] as number] === 1) return true;
    return false;
  }

  /** Marks a failed node, and returns those below it, which can no longer run. */
  fail({ index }: PlanNode): readonly PlanNode[] {
    return this.endAt(index, 'failed');
  }

  /** Marks a node that will not be tried, and returns those below it. */
  skip({ index }: PlanNode): readonly PlanNode[] {
    return this.endAt(index, 'skipped');
  }

  private endAt(index: number, progress: 'failed' | 'skipped'): readonly PlanNode[] {
    this.progress[index] = progress;
    const skipped: PlanNode[] = [];
    const reached = [index];
    for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
      for (const dependent of this.below.others.subarray(this.below.starts[next], this.below.starts[next + 1])) {
        if (this.progress[dependent] !== 'waiting') continue;
        this.progress[dependent] = 'skipped';
        skipped.push(this.nodes[dependent] as PlanNode);
        reached.push(dependent);
      }
    }
    return skipped;
  }

  /** How many nodes have neither finished nor failed. */
  unfinished(): number {
    return this.progress.filter((progress) => progress !== 'done' && progress !== 'failed').length;
  }
}

function adjacencyOfInputs(nodes: readonly PlanNode[]): Adjacency {
  const starts = new Int32Array(nodes.length + 1);
  const others: number[] = [];
  for (const node of nodes) {
    for (const above of inputNodes(node)) others.push(above);
    starts[node.index + 1] = others.length;
  }
  return { starts, others: Int32Array.from(others) };
}

function reversed({ starts, others }: Adjacency): Adjacency {
  const reversedStarts = new Int32Array(starts.length);
  for (const other of others) reversedStarts[other + 1] = (reversedStarts[other + 1] as number) + 1;
  for (let index = 1; index < starts.length; index++) {
    reversedStarts[index] = (reversedStarts[index] as number) + (reversedStarts[index - 1] as number);
  }
  const next = reversedStarts.slice();
  const reversedOthers = new Int32Array(others.length);
  for (let node = 0; node + 1 < starts.length; node++) {
    for (let at = starts[node] as number; at < (starts[node + 1] as number); at++) {
      const other = others[at] as number;
      const place = next[other] as number;
      reversedOthers[place] = node;
      next[other] = place + 1;
    }
  }
  return { starts: reversedStarts, others: reversedOthers };
}
