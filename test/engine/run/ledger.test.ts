import { describe, expect, it } from 'vitest';
import { type CodeFingerprint, digestBytes, type NodeKey } from '../../../src/engine/base/digest.ts';
import { RunLedger } from '../../../src/engine/run/ledger.ts';
import type { Subject } from '../../../src/engine/staleness/staleness.ts';
import type { Work } from '../../../src/engine/staleness/work.ts';
import { deferred } from '../../../src/engine/workers/deferred.ts';
import type { JobOutcome } from '../../../src/engine/workers/job-outcome.ts';
import { settled } from './fake-pool.ts';
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

function workOf(index: number): Work {
  return { subject: subjectOf(index), purpose: { kind: 'record' }, reason: { rule: 'never run' } };
}

async function follow(ledger: RunLedger, index: number, attempt: number, outcome: JobOutcome): Promise<void> {
  const [free, ended] = [deferred<void>(), deferred<JobOutcome>()];
  ledger.watch(workOf(index), attempt, { worker: 3, free: free.promise, outcome: ended.promise });
  free.resolve();
  ended.resolve(outcome);
  await settled();
}

describe('a ledger', () => {
  it('says what each node resolved to, and what became of it', async () => {
    const ledger = new RunLedger(request);
    ledger.decide(subjectOf(0).node, keyOf(0), 'up to date');
    await follow(ledger, 1, 1, failed);
    await follow(ledger, 1, 2, committed);
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
    expect(ledger.journal()).toMatchObject([
      { node: 1, attempt: 1, worker: 3, outcome: 'failed' },
      { node: 1, attempt: 2, worker: 3, outcome: 'executed', seconds: 0.125 },
    ]);
  });

  it('takes the time until the worker was free, not until the artefacts were on the disk', async () => {
    const ledger = new RunLedger(request);
    const [free, ended] = [deferred<void>(), deferred<JobOutcome>()];
    ledger.watch(workOf(0), 1, { worker: 1, free: free.promise, outcome: ended.promise });
    free.resolve();
    await settled();
    const between = ledger.elapsed();
    ended.resolve(committed);
    await settled();
    const [entry] = ledger.journal();
    expect(entry?.start).toBeGreaterThanOrEqual(0);
    expect(entry?.end).toBeLessThanOrEqual(between);
  });

  it('leaves a node undecided whose artefacts were lost', async () => {
    const ledger = new RunLedger(request);
    await follow(ledger, 0, 1, { kind: 'lost' });
    expect(ledger.manifest({}).nodes[0]).toEqual({ node: 'n/0', key: null, outcome: 'skipped' });
    expect(ledger.journal()).toMatchObject([{ node: 0, outcome: 'lost' }]);
  });

  it('gives its progress once', async () => {
    const ledger = new RunLedger(request);
    ledger.decide(subjectOf(0).node, keyOf(0), 'up to date');
    await follow(ledger, 1, 1, committed);
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
