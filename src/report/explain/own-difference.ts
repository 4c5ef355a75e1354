import type { KeyInput } from '../../keys/node-key.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { compare, type StaleReason } from '../../run/staleness.ts';
import type { RunRequest } from '../../run/subjects.ts';
import type { NodeRecord, Store } from '../../store/store.ts';

/**
 * Why a node whose inputs are not known yet runs whatever they will be: it has never run, or something else than its inputs is
 * different from the last time. Nothing if it may turn out to be up to date.
 */
export function ownDifference(node: PlanNode, request: RunRequest, store: Store): StaleReason | undefined {
  const key = store.lastKey(node.id);
  const record = key && store.record(key);
  if (!key || !record) return { rule: 'never run' };
  const code = request.fingerprints.get(node.stage);
  if (!code) return undefined;
  const reason = compare(
    {
      node,
      key,
      code,
      compute: node.stage.compute ? request.compute : undefined,
      inputs: recordedInputs(record),
      forced: false,
    },
    record,
  );
  return reason.rule === 'lost' ? undefined : reason;
}

function recordedInputs({ inputs }: NodeRecord): readonly KeyInput[] {
  return Object.entries(inputs).map(([name, input]) => ({ name, ...input }));
}
