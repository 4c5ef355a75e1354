import type { ArtefactDigest } from '../base/digest.ts';
import type { OutputReference, Plan, PlanNode } from '../plan/plan.ts';
import type { KnownOutputs, RunRequest, Subjects } from '../staleness/subjects.ts';
import type { Work } from '../staleness/work.ts';
import type { Store } from '../store/store.ts';
import { ArtefactPresence } from './artefact-presence.ts';
import type { RunListener } from './events.ts';
import { NodeBytes } from './node-bytes.ts';
import { type Admission, Restorations } from './restorations.ts';
import { Retention } from './retention.ts';

/** Sees to it that bytes are there when a node reads them, and that those which `retain` lets go are gone when no node needs them. */
export class BytesOnDemand {
  private readonly store: Store;
  private readonly listener: RunListener;
  private readonly presence: ArtefactPresence;
  private readonly bytes: NodeBytes;
  private readonly restorations: Restorations;
  private readonly plan: Plan;
  private readonly known: KnownOutputs;
  /** Made with the first work: a run that executes nothing drops nothing, and looks at traces alone. */
  private retention: Retention | undefined;
  /** Nodes to be made again that the listener has not heard of yet. */
  private unannounced: Work[] = [];

  constructor({ plan }: RunRequest, store: Store, subjects: Subjects, known: KnownOutputs, listener: RunListener) {
    this.store = store;
    this.listener = listener;
    this.presence = new ArtefactPresence(store);
    this.bytes = new NodeBytes(plan.nodes, subjects, known, (digest) => this.presence.has(digest));
    this.restorations = new Restorations(this.bytes);
    this.plan = plan;
    this.known = known;
  }

  /** Takes work in that reads the outputs of finished nodes. */
  admit(work: Work): Admission {
    this.track();
    // What is stale needs its inputs until it is up to date; what is up to date does not count otherwise.
    if (work.purpose.kind === 'audit') this.retention?.hold(work.subject.node);
    return this.noted(this.restorations.admit(work));
  }

  /** Makes a finished node again if the bytes of this output of it are not there, and that is not being done. */
  want(source: OutputReference): Admission {
    if (!this.bytes.lacks(source)) return { startable: [], restorations: [] };
    this.track();
    return this.noted(this.restorations.demand(source.node));
  }

  /** The node has become up to date. */
  finish(node: PlanNode, outputs: readonly ArtefactDigest[]): void {
    this.retention?.finish(node, outputs);
  }

  /** A node was executed, and these are in the store. */
  put(outputs: readonly ArtefactDigest[]): void {
    this.presence.put(outputs);
  }

  /** Work was done. @returns other work that waited for its bytes, and for nothing else. */
  executed({ subject: { node }, purpose }: Work): readonly Work[] {
    if (purpose.kind === 'record') return [];
    this.retention?.release(node);
    return purpose.kind === 'restore' ? this.restorations.complete(node.index) : [];
  }

  /** @returns all the work that needs the bytes which this one will not bring back. */
  lost({ subject, purpose }: Work): readonly Work[] {
    return purpose.kind === 'restore' ? this.restorations.fail(subject.node.index) : [];
  }

  /** Tells what has come to be made again since the last time. */
  announce(): void {
    if (this.unannounced.length === 0) return;
    const nodes = this.unannounced.map(({ subject }) => subject.node.id);
    let seconds = 0;
    for (const { subject } of this.unannounced) seconds += this.store.trace(subject.key)?.seconds ?? 0;
    this.unannounced = [];
    this.listener({ type: 'restoring', nodes, seconds });
  }

  /** Begins to drop what no node needs any more. Errors come out of `settled`. */
  drop(): void {
    const { retention } = this;
    if (retention) this.presence.drop(() => retention.takeUnneeded());
  }

  /**
   * Nothing while nothing is being dropped, otherwise the end of it: bytes that are made again before that would go with the old ones.
   * @throws {Failure} when the cache could not be written.
   */
  settled(): Promise<void> | undefined {
    return this.presence.settled();
  }

  private track(): void {
    // Where nothing may go, there is nothing to keep count of.
    if (this.retention || this.plan.transient.size === 0) return;
    this.retention = new Retention(this.plan);
    for (const node of this.plan.nodes) {
      const outputs = this.known[node.index];
      if (outputs) this.retention.finish(node, outputs);
    }
  }

  private noted(admission: Admission): Admission {
    for (const { subject } of admission.restorations) this.retention?.hold(subject.node);
    this.unannounced.push(...admission.restorations);
    return admission;
  }
}
