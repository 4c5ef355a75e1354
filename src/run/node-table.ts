import type { ArtefactDigest } from '../base/digest.ts';
import type { PlanNode } from '../plan/plan.ts';
import { inputNodes } from './survey.ts';

/** How far a node is; it only ever moves to the right. */
type Progress = 'waiting' | 'pending' | 'done' | 'failed' | 'skipped';

/** Keeps count of which nodes have all their inputs, and of what has become of the others. */
export class NodeTable {
  readonly nodes: readonly PlanNode[];
  /** Digests of finished nodes' outputs, by node index. */
  readonly outputs: (readonly ArtefactDigest[] | undefined)[];
  private readonly above: readonly (readonly number[])[];
  private readonly dependents: readonly number[][];
  private readonly unresolved: Int32Array;
  private readonly progress: Progress[];
  /** Whether the node, or one above it, was executed in this run. */
  private readonly touched: boolean[];

  constructor(nodes: readonly PlanNode[]) {
    this.nodes = nodes;
    this.outputs = nodes.map(() => undefined);
    this.above = nodes.map(inputNodes);
    this.dependents = nodes.map(() => []);
    this.unresolved = new Int32Array(nodes.length);
    this.progress = nodes.map(() => 'waiting');
    this.touched = nodes.map(() => false);
    this.above.forEach((above, below) => {
      this.unresolved[below] = above.length;
      for (const index of above) this.dependents[index]?.push(below);
    });
  }

  /** Nodes without inputs: where a run begins. */
  roots(): readonly PlanNode[] {
    return this.nodes.filter(({ index }) => this.unresolved[index] === 0);
  }

  /** The node has to run. */
  pend({ index }: PlanNode): void {
    this.progress[index] = 'pending';
  }

  /** Records a finished node and returns those whose last missing input it was. */
  finish({ index }: PlanNode, outputs: readonly ArtefactDigest[], executed: boolean): readonly PlanNode[] {
    this.progress[index] = 'done';
    this.outputs[index] = outputs;
    this.touched[index] = executed || this.isBelowExecuted(this.nodes[index] as PlanNode);
    const ready: PlanNode[] = [];
    for (const dependent of this.dependents[index] ?? []) {
      const left = (this.unresolved[dependent] as number) - 1;
      this.unresolved[dependent] = left;
      if (left === 0 && this.progress[dependent] === 'waiting') ready.push(this.nodes[dependent] as PlanNode);
    }
    return ready;
  }

  /** Whether a node above this one was executed in this run. */
  isBelowExecuted({ index }: PlanNode): boolean {
    return (this.above[index] ?? []).some((above) => this.touched[above]);
  }

  /** Marks a failed node, and returns those below it, which can no longer run. */
  fail({ index }: PlanNode): readonly PlanNode[] {
    this.progress[index] = 'failed';
    const skipped: PlanNode[] = [];
    const reached = [index];
    for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
      for (const dependent of this.dependents[next] ?? []) {
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
