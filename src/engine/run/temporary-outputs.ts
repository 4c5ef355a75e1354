import type { ArtefactDigest } from '../base/digest.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { sourcesOf } from '../plan/sources.ts';
import { outputOrder } from '../store/output-order.ts';

/**
 * The states of bytes that `retain` does not keep:
 *
 * | state    | meaning                                           | next                                                  |
 * |----------|---------------------------------------------------|-------------------------------------------------------|
 * | kept     | they are also an output that stays                |                                                       |
 * | needed   | a node of the plan reads them, or has yet to      | evicting, when every node that reads them is done     |
 * | evicting | a transaction removes them: they count as evicted | evicted, when it has ended                            |
 * | evicted  | only records name them                            | needed, when a node that makes them has been executed |
 */
type BytesState = 'kept' | 'needed' | 'evicting' | 'evicted';

/** With the nodes that made these bytes, if they are temporary. */
interface Bytes {
  state: BytesState;
  readonly makers: number[];
}

/**
 * The outputs that are evicted and restored. A node that failed or was never tried still needs its inputs, for the next run. Bytes of
 * any output may be missing. The node that made them is restored once, however many readers wait for it.
 */
export class TemporaryOutputs<Reader> {
  private readonly plan: Pick<Plan, 'nodes' | 'transient'>;
  private readonly bytes = new Map<ArtefactDigest, Bytes>();
  // By node: temporary digests, the nodes that made its temporary inputs, and how many nodes still read its own.
  private readonly mayGo = new Map<number, ArtefactDigest[]>();
  private readonly sources = new Map<number, ReadonlySet<number>>();
  private readonly readers: Int32Array;
  private readonly done = new Set<number>();
  private readonly candidates = new Set<number>();
  private evicting: ReadonlySet<ArtefactDigest> = new Set();
  /** By node that is being restored. */
  private readonly waiting = new Map<number, Reader[]>();

  constructor(plan: Pick<Plan, 'nodes' | 'transient'>) {
    this.plan = plan;
    this.readers = new Int32Array(plan.nodes.length);
    // Without temporary bytes there is nothing to count.
    if (plan.transient.size === 0) return;
    const mayGo = ({ node, output }: { node: number; output: string }) => plan.transient.get(node)?.includes(output);
    for (const node of plan.nodes) {
      const sources = node.inputs.flatMap(sourcesOf).filter(mayGo);
      if (sources.length > 0) this.sources.set(node.index, new Set(sources.map((source) => source.node)));
      this.hold(node);
    }
  }

  /** The node is up to date: it reads nothing any more, and others may read its outputs. */
  finish(node: PlanNode, outputs: readonly ArtefactDigest[]): void {
    const { transient } = this.plan;
    if (transient.size === 0) return;
    const mayGo: ArtefactDigest[] = [];
    for (const [position, name] of outputOrder(node.stage.outputs).entries()) {
      const digest = outputs[position] as ArtefactDigest;
      const bytes: Bytes = this.bytes.get(digest) ?? { state: 'needed', makers: [] };
      this.bytes.set(digest, bytes);
      if (transient.get(node.index)?.includes(name)) {
        bytes.makers.push(node.index);
        mayGo.push(digest);
      } else bytes.state = 'kept';
    }
    if (mayGo.length > 0) this.mayGo.set(node.index, mayGo);
    this.done.add(node.index);
    this.release(node);
  }

  /** The node is cut short: it reads nothing, and has no outputs. */
  drop(node: PlanNode): void {
    if (this.plan.transient.size === 0) return;
    this.done.add(node.index);
    this.release(node);
  }

  /** The node is about to be executed again, and reads its inputs for that. */
  hold({ index }: PlanNode): void {
    for (const source of this.sources.get(index) ?? []) this.readers[source] = (this.readers[source] as number) + 1;
  }

  /** The node reads its inputs no more. */
  release({ index }: PlanNode): void {
    this.candidates.add(index);
    for (const source of this.sources.get(index) ?? []) {
      this.readers[source] = (this.readers[source] as number) - 1;
      this.candidates.add(source);
    }
  }

  /** A node was executed, and these are in the store. */
  put(outputs: readonly ArtefactDigest[]): void {
    for (const digest of outputs) {
      const bytes = this.bytes.get(digest);
      if (bytes && bytes.state !== 'kept') bytes.state = 'needed';
    }
  }

  isEvicted(digest: ArtefactDigest): boolean {
    const state = this.bytes.get(digest)?.state;
    return state === 'evicting' || state === 'evicted';
  }

  /** Whether a transaction that is under way removes them, even if they have been committed again meanwhile. */
  isLeaving(digest: ArtefactDigest): boolean {
    return this.evicting.has(digest);
  }

  get isEvicting(): boolean {
    return this.evicting.size > 0;
  }

  /** What to evict now. Empty during a transaction, so that many small evictions make few transactions. */
  evict(): readonly ArtefactDigest[] {
    if (this.isEvicting || this.candidates.size === 0) return [];
    const isUnneeded = (digest: ArtefactDigest) => {
      const { state, makers } = this.bytes.get(digest) as Bytes;
      return state === 'needed' && makers.every((maker) => this.isFree(maker));
    };
    const free = [...this.candidates].filter((index) => this.isFree(index));
    this.candidates.clear();
    this.evicting = new Set(free.flatMap((index) => this.mayGo.get(index) ?? []).filter(isUnneeded));
    for (const digest of this.evicting) (this.bytes.get(digest) as Bytes).state = 'evicting';
    return [...this.evicting];
  }

  /** The transaction has ended. */
  evicted(): void {
    for (const digest of this.evicting) {
      const bytes = this.bytes.get(digest) as Bytes;
      if (bytes.state === 'evicting') bytes.state = 'evicted';
    }
    this.evicting = new Set();
  }

  /** Lets a reader wait for the bytes of a node. @returns whether to restore the node for that: nobody has begun to restore it yet */
  wait(index: number, reader: Reader | undefined): boolean {
    const readers = this.waiting.get(index);
    const joining = reader === undefined ? [] : [reader];
    if (readers) readers.push(...joining);
    else this.waiting.set(index, joining);
    return readers === undefined;
  }

  /** The node is no longer being restored. @returns what has waited for it */
  endWaiting(index: number): readonly Reader[] {
    const readers = this.waiting.get(index) ?? [];
    this.waiting.delete(index);
    return readers;
  }

  private isFree(index: number): boolean {
    return this.done.has(index) && this.readers[index] === 0;
  }
}
