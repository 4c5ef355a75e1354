import { describe, expect, it } from 'vitest';
import { type CodeFingerprint, digestBytes, type NodeKey } from '../../../src/engine/base/digest.ts';
import { RunLedger } from '../../../src/engine/run/ledger.ts';
import type { Subject } from '../../../src/engine/staleness/subjects.ts';
import type { JobOutcome } from '../../../src/engine/workers/job-outcome.ts';
import { planOf, planStage } from './plans.ts';

const stage = planStage('n');
const plan = planOf([0, 1, 2].map((index) => ({ stage, coordinates: { index } })));
const code = digestBytes<CodeFingerprint>('code');
const request = {
  plan,
  fingerprints: new Map([[stage, code]]),
  compute: { backend: 'wasm', version: '1', threads: 1 },
  engine: 'V8 11.3',
  environment: {},
  forced: new Set<string>(),
};
const keyOf = (index: number) => digestBytes<NodeKey>(`${index}`);

function subjectOf(index: number): Subject {
  const node = plan.nodes[index];
  if (!node) throw new Error(`no node ${index}`);
  return {
    node,
    key: keyOf(index),
    code,
    compute: undefined,
    surroundings: { engine: 'V8 11.3', variables: {} },
    inputs: [],
    forced: false,
  };
}

const committed: JobOutcome = { kind: 'committed', outputs: [], seconds: 0.125, bytes: 1 };
const failed: JobOutcome = { kind: 'failed', cause: 'stage', diagnostic: { fact: 'no' }, log: '' };
const times = { worker: 3, start: 1, end: 2 };

function taskOf(index: number, attempt = 1) {
  return { subject: subjectOf(index), reason: { rule: 'never run' } as const, attempt };
}

describe('a ledger', () => {
  it('says what each node resolved to, and what became of it', () => {
    const ledger = new RunLedger(request, 0);
    ledger.decide(subjectOf(0).node, keyOf(0), 'up to date');
    ledger.attempted(taskOf(1), failed, times);
    ledger.attempted(taskOf(1, 2), committed, times);
    ledger.decide(subjectOf(1).node, keyOf(1), 'executed');
    expect(ledger.manifest({ steps: 2 })).toEqual({
      params: { steps: 2 },
      code: { n: code },
      targets: [],
      nodes: [
        { node: 'n/0', key: keyOf(0), outcome: 'up to date' },
        { node: 'n/1', key: keyOf(1), outcome: 'executed' },
        { node: 'n/2', key: null, outcome: 'skipped' },
      ],
    });
    expect(ledger.attempts).toMatchObject([
      { node: 1, attempt: 1, worker: 3, outcome: 'failed' },
      { node: 1, attempt: 2, worker: 3, outcome: 'executed', seconds: 0.125 },
    ]);
  });

  it('leaves a node undecided whose artefacts were lost', () => {
    const ledger = new RunLedger(request, 0);
    ledger.attempted(taskOf(0), { kind: 'lost' }, times);
    expect(ledger.manifest({}).nodes[0]).toEqual({ node: 'n/0', key: null, outcome: 'skipped' });
    expect(ledger.attempts).toMatchObject([{ node: 0, outcome: 'lost' }]);
  });

  it('gives its progress once', () => {
    const ledger = new RunLedger(request, 0);
    ledger.decide(subjectOf(0).node, keyOf(0), 'up to date');
    ledger.attempted(taskOf(1), committed, times);
    ledger.decide(subjectOf(1).node, keyOf(1), 'executed');
    expect(ledger.takeProgress()).toMatchObject({
      decided: [
        { index: 0, key: keyOf(0), outcome: 'up to date' },
        { index: 1, key: keyOf(1), outcome: 'executed' },
      ],
      attempts: [{ node: 1 }],
    });
    expect(ledger.takeProgress()).toEqual({ decided: [], attempts: [] });
  });
});
