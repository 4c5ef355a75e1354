import type { ArtefactDigest } from '../../base/digest.ts';
import { isSource } from '../../plan/is-source.ts';
import type { NodeId, PlanNode } from '../../plan/plan.ts';
import { compare } from '../../staleness/comparisons.ts';
import type { InputChange } from '../../staleness/input-changes.ts';
import type { StaleReason } from '../../staleness/stale-reason.ts';
import { type NodeState, sourcesIn } from '../../staleness/survey.ts';
import type { NodeRecord, Store } from '../../store/store.ts';

/** An upstream node whose bytes differ from those that were read the last time, and why. */
export interface CauseStep {
  readonly node: PlanNode;
  /** The input of the downstream node that it makes. */
  readonly input: string;
  readonly old: ArtefactDigest;
  readonly new: ArtefactDigest;
  /** Why it was executed again. */
  readonly reason: StaleReason | CauseUnknown;
}

/**
 * - `not known`: no record says how it was made before.
 * - `other bytes`: nothing else differs, as after `--force`, or for a stage that gives other bytes every time.
 */
export interface CauseUnknown {
  readonly rule: 'not known' | 'other bytes';
}

/** Follows a changed input upstream to where the change began; the last step is the root cause. */
export function rootCause(
  node: PlanNode,
  reason: StaleReason,
  states: readonly NodeState[],
  store: Store,
): readonly CauseStep[] {
  const steps: CauseStep[] = [];
  let earlier: ReadonlyMap<NodeId, readonly NodeRecord[]> | undefined;
  let [below, why]: [PlanNode, CauseStep['reason']] = [node, reason];
  while (why.rule === 'inputs') {
    const changed = firstChange(below, why.changes, states);
    // Its content comes from outside of the pipeline, and the input says what changed.
    if (!changed || isSource(changed.source.node)) break;
    earlier ??= recordsByNode(store);
    const { source, old } = changed;
    const record = latest(
      earlier
        .get(source.node.id)
        ?.filter(({ outputs }) => Object.values(outputs).some(({ digest }) => digest === old)) ?? [],
    );
    why = record ? (compare(source.subject, record) ?? { rule: 'other bytes' }) : { rule: 'not known' };
    below = source.node;
    steps.push({ node: below, input: changed.input, old, new: changed.new, reason: why });
  }
  return steps;
}

/** The file or the address outside of the pipeline that a changed input has its bytes from; undefined for several files, which the reason names. */
export function placeOfSource(
  node: PlanNode,
  reason: CauseStep['reason'],
  states: readonly NodeState[],
): { readonly input: string; readonly place: string } | undefined {
  const changed = reason.rule === 'inputs' ? firstChange(node, reason.changes, states) : undefined;
  const program = changed?.source.node.stage.program;
  if (!changed || program?.kind !== 'source' || program.content.kind === 'files') return undefined;
  const { content } = program;
  return { input: changed.input, place: content.kind === 'file' ? content.path : content.url };
}

type Current = Extract<NodeState, { state: 'current' }>;

function firstChange(node: PlanNode, changes: readonly InputChange[], states: readonly NodeState[]) {
  for (const { input, old, new: now } of changes) {
    const declared = node.inputs.find(({ name }) => name === input);
    if (!declared || old.length !== now.length) continue;
    const at = now.findIndex((digest, index) => digest !== old[index]);
    const source = declared.kind === 'one' ? declared.source : sourcesIn(states, declared)[at];
    const [was, is] = [old[at], now[at]];
    const state = source && states[source.node];
    if (was && is && state?.state === 'current') return { input, old: was, new: is, source: state satisfies Current };
  }
  return undefined;
}

/** Several records of a node may have given the same bytes. */
function latest(records: readonly NodeRecord[]): NodeRecord | undefined {
  return records.reduce<NodeRecord | undefined>(
    (last, record) => (last && last.startedAt > record.startedAt ? last : record),
    undefined,
  );
}

function recordsByNode(store: Store): ReadonlyMap<NodeId, readonly NodeRecord[]> {
  const records = new Map<NodeId, NodeRecord[]>();
  for (const record of store.records()) {
    const own = records.get(record.node);
    if (own) own.push(record);
    else records.set(record.node, [record]);
  }
  return records;
}
