import type { ArtefactDigest } from '../base/digest.ts';
import type { OutputReference, PlanNode } from '../plan/plan.ts';
import { sourcesOf } from '../plan/sources.ts';
import type { Subject } from '../staleness/staleness.ts';
import type { KnownOutputs, Subjects } from '../staleness/subjects.ts';
import type { Work } from '../staleness/work.ts';
import type { BytesLookup } from './restorations.ts';

/** Finds out whose bytes are not there, among the finished nodes of a plan. */
export class NodeBytes implements BytesLookup {
  private readonly nodes: readonly PlanNode[];
  private readonly subjects: Subjects;
  private readonly known: KnownOutputs;
  private readonly isPresent: (digest: ArtefactDigest) => boolean;

  constructor(
    nodes: readonly PlanNode[],
    subjects: Subjects,
    known: KnownOutputs,
    isPresent: (digest: ArtefactDigest) => boolean,
  ) {
    this.nodes = nodes;
    this.subjects = subjects;
    this.known = known;
    this.isPresent = isPresent;
  }

  lackingSources({ subject }: Work): readonly number[] {
    const lacking = new Set<number>();
    for (const source of subject.node.inputs.flatMap(sourcesOf)) if (this.lacks(source)) lacking.add(source.node);
    return [...lacking];
  }

  /** Whether the node of an output is finished, and its bytes are not there. */
  lacks(source: OutputReference): boolean {
    const digest = this.subjects.digest(source, this.known);
    return digest !== undefined && !this.isPresent(digest);
  }

  restorationOf(index: number, neededBy: Work | undefined): Work {
    return {
      subject: this.subjects.subject(this.nodes[index] as PlanNode, this.known) as Subject,
      purpose: { kind: 'restore', expected: this.known[index] as readonly ArtefactDigest[] },
      reason: { rule: 'bytes', neededBy: neededBy?.subject.node.id },
    };
  }
}
