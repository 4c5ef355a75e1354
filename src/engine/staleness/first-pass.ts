import type { ArtefactDigest } from '../base/digest.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';
import { judge, type Subject } from './staleness.ts';
import type { Subjects } from './subjects.ts';
import type { Work } from './work.ts';

/**
 * Finds in one pass, in the order of the plan, what is up to date, and enters its outputs.
 * @returns the first stale nodes: those above which nothing is stale.
 */
export function firstPass(
  nodes: readonly PlanNode[],
  subjects: Subjects,
  outputs: (readonly ArtefactDigest[] | undefined)[],
  store: Store,
  onHit: (subject: Subject) => void,
): readonly Work[] {
  const stale: Work[] = [];
  for (const node of nodes) {
    const subject = subjects.subject(node, outputs);
    // Something above it is stale.
    if (!subject) continue;
    const verdict = judge(subject, store);
    if (verdict.status === 'current') {
      outputs[node.index] = verdict.trace.outputs;
      onHit(subject);
    } else {
      stale.push({ subject, purpose: { kind: 'record' }, reason: verdict.reason });
    }
  }
  return stale;
}
