import { digestBytes, type NodeKey } from '../../../../src/engine/base/digest.ts';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import type { Attempt, NodeOutcome, RunManifest } from '../../../../src/engine/store/run-manifest.ts';
import type { RunRecord } from '../../../../src/engine/store/store.ts';

export function runOf(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id: '20260102T030405-abcdef',
    startedAt: '2026-01-02T03:04:05.678Z',
    command: ['run'],
    profile: null,
    targets: [],
    state: 'done',
    seconds: 2,
    counts: { executed: 1, upToDate: 0, cutOff: 0, failed: 0, skipped: 0 },
    ...changes,
  };
}

export const keyOf = (text: string) => digestBytes<NodeKey>(text);

/** A manifest of nodes whose keys are the digests of these texts. */
export function manifestOf(
  nodes: readonly (readonly [node: string, key: string | null, outcome?: NodeOutcome])[],
  changes: Partial<RunManifest> = {},
): RunManifest {
  return {
    params: {},
    code: {},
    targets: [],
    nodes: nodes.map(([node, key, outcome = 'executed']) => ({
      node: node as NodeId,
      key: key === null ? null : keyOf(key),
      outcome,
    })),
    ...changes,
  };
}

export function attemptOf(node: number, start: number, end: number, changes: Partial<Attempt> = {}): Attempt {
  return { node, attempt: 1, worker: 1, start, end, seconds: end - start, outcome: 'executed', ...changes };
}
