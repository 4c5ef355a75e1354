import type { ArtefactDigest } from '../base/digest.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { sourcesOf } from '../plan/sources.ts';
import { outputOrder } from '../store/output-order.ts';

/**
 * Keeps count of who still needs the bytes that `retain` lets go. A node's bytes are needed until every node of the plan that reads
 * them is done; one that failed or was never tried keeps them, for the next run.
 */
export class Retention {
  private readonly plan: Plan;
  /** For each node, how many others still need bytes of it. */
  private readonly needed: Int32Array;
  private readonly done: Uint8Array;
  private readonly transientSources = new Map<number, readonly number[]>();
  /** Which nodes made bytes that may go: two of them may have made the same. */
  private readonly makers = new Map<ArtefactDigest, number[]>();
  private readonly digests = new Map<number, readonly ArtefactDigest[]>();
  private readonly kept = new Set<ArtefactDigest>();
  private readonly candidates = new Set<number>();

  constructor(plan: Plan) {
    this.plan = plan;
    this.needed = new Int32Array(plan.nodes.length);
    this.done = new Uint8Array(plan.nodes.length);
    for (const node of plan.nodes) {
      const sources = this.findTransientSources(node);
      if (sources.length > 0) this.transientSources.set(node.index, sources);
      for (const source of sources) this.needed[source] = (this.needed[source] as number) + 1;
    }
  }

  /** The node is up to date: it needs no bytes any more, and others may need its. */
  finish(node: PlanNode, outputs: readonly ArtefactDigest[]): void {
    this.note(node, outputs);
    this.done[node.index] = 1;
    this.release(node);
  }

  /** The node will be made again, and needs the bytes of its inputs for that. */
  hold({ index }: PlanNode): void {
    for (const source of this.transientSources.get(index) ?? []) {
      this.needed[source] = (this.needed[source] as number) + 1;
    }
  }

  /** The node needs the bytes of its inputs no more. */
  release({ index }: PlanNode): void {
    if (this.needed[index] === 0) this.candidates.add(index);
    for (const source of this.transientSources.get(index) ?? []) {
      this.needed[source] = (this.needed[source] as number) - 1;
      if (this.needed[source] === 0) this.candidates.add(source);
    }
  }

  /** The bytes that nobody needs any more, each once. Those of nodes that other nodes came to need in the meantime are left out. */
  takeUnneeded(): readonly ArtefactDigest[] {
    const unneeded = new Set<ArtefactDigest>();
    for (const index of this.candidates) {
      if (!this.isFree(index)) continue;
      for (const digest of this.digests.get(index) ?? []) {
        const isFree = !this.kept.has(digest) && (this.makers.get(digest) ?? []).every((maker) => this.isFree(maker));
        if (isFree) unneeded.add(digest);
      }
    }
    this.candidates.clear();
    return [...unneeded];
  }

  private isFree(index: number): boolean {
    return this.done[index] === 1 && this.needed[index] === 0;
  }

  private note(node: PlanNode, outputs: readonly ArtefactDigest[]): void {
    const transient = this.plan.transient.get(node.index) ?? [];
    const mayGo: ArtefactDigest[] = [];
    outputOrder(node.stage.outputs).forEach((name, position) => {
      const digest = outputs[position] as ArtefactDigest;
      if (!transient.includes(name)) {
        this.kept.add(digest);
        return;
      }
      mayGo.push(digest);
      const makers = this.makers.get(digest);
      if (makers) makers.push(node.index);
      else this.makers.set(digest, [node.index]);
    });
    if (mayGo.length > 0) this.digests.set(node.index, mayGo);
  }

  private findTransientSources({ inputs }: PlanNode): readonly number[] {
    const { transient } = this.plan;
    const sources = new Set<number>();
    for (const { node, output } of inputs.flatMap(sourcesOf)) {
      if (transient.get(node)?.includes(output)) sources.add(node);
    }
    return [...sources];
  }
}
