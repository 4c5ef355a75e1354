import type { ArtefactDigest } from '../base/digest.ts';
import type { OutputReference, PlanNode } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';
import { ChainEnds } from './chain-ends.ts';
import { Cut } from './cut.ts';
import { judge, type Verdict } from './judge.ts';
import { NodeGroups } from './node-groups.ts';
import { presentSources } from './present-sources.ts';
import type { KnownNode, Subject, Subjects } from './subjects.ts';

/** A node whose inputs are known, and whether it has to run. */
export interface Judged {
  readonly subject: Subject;
  readonly verdict: Verdict;
}

/** What is known of the nodes of a plan. A survey enters what it finds, and a run what it makes. */
export class KnownNodes {
  readonly nodes: readonly PlanNode[];
  readonly subjects: Subjects;
  readonly groups: NodeGroups;
  readonly store: Store;
  /** Of the store, before anything was looked at. */
  readonly revision: number;
  /** By node index: the digests of the outputs of finished nodes, and why others are cut short. */
  readonly outputs: (KnownNode | undefined)[];
  private readonly ends: ChainEnds;

  constructor(
    nodes: readonly PlanNode[],
    subjects: Subjects,
    store: Store,
    groups: NodeGroups = new NodeGroups(nodes, subjects),
  ) {
    this.nodes = nodes;
    this.subjects = subjects;
    this.groups = groups;
    this.store = store;
    this.revision = store.revision();
    this.outputs = new Array(nodes.length).fill(undefined);
    this.ends = new ChainEnds(nodes, this.outputs, (node) => this.subject(node).key, store);
  }

  /** Whether the node is cut short, or else has to run; undefined as long as something that decides it is unknown. */
  lookAt(node: PlanNode): Cut | Judged | undefined {
    if (this.ends.any) {
      if (this.ends.isOpen(node)) return undefined;
      const cut = this.ends.cut(node);
      if (cut) return cut;
    }
    const subject = this.subjects.subject(node, this.outputs);
    return subject && { subject, verdict: judge(subject, this.store) };
  }

  /** A node with its key. All its inputs are known. */
  subject(node: PlanNode): Subject {
    return this.subjects.subject(node, this.outputs) as Subject;
  }

  /** The outputs of a node; none as long as it has not finished. */
  madeBy({ index }: PlanNode): readonly ArtefactDigest[] {
    const outputs = this.outputs[index];
    return outputs === undefined || outputs instanceof Cut ? [] : outputs;
  }

  /** The digest of an output, once its node has finished. */
  digest(source: OutputReference): ArtefactDigest | undefined {
    return this.subjects.digest(source, this.outputs);
  }

  /** What a node reads, once all its inputs are known. */
  sourcesOf({ inputs }: PlanNode): readonly OutputReference[] {
    const chainOf = (index: number) => this.nodes[index]?.chain;
    const isCut = (index: number) => this.outputs[index] instanceof Cut;
    return inputs.flatMap((input) => presentSources(input, chainOf, isCut));
  }
}
