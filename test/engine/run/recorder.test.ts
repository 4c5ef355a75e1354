import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CodeFingerprint, digestBytes, type NodeKey } from '../../../src/engine/base/digest.ts';
import type { NodeId } from '../../../src/engine/plan/plan.ts';
import type { RunEvent, RunSummary } from '../../../src/engine/run/events.ts';
import { RunLedger } from '../../../src/engine/run/ledger.ts';
import { RunRecorder } from '../../../src/engine/run/recorder.ts';
import type { RunRecord } from '../../../src/engine/store/store.ts';
import { MemoryStore } from './memory-store.ts';
import { planOf, planStage } from './plans.ts';

const stage = planStage('n');
const plan = planOf([0, 1].map((index) => ({ stage, coordinates: { index } })));
const request = {
  plan,
  fingerprints: new Map([[stage, digestBytes<CodeFingerprint>('code')]]),
  compute: { backend: 'wasm', version: '1', threads: 1 },
  engine: 'V8 11.3',
  environment: {},
  forced: new Set<string>(),
};
const record: RunRecord = {
  id: 'run',
  startedAt: '2026-01-02T03:04:05.678Z',
  command: ['run'],
  profile: null,
  targets: [],
  state: 'running',
  seconds: 0,
  counts: {},
};
const summary: RunSummary = {
  type: 'summary',
  outcome: 'done',
  executed: 1,
  restored: 0,
  audited: 0,
  fetched: 0,
  upToDate: 1,
  cutOff: 0,
  failed: 0,
  misconfigured: 0,
  skipped: 0,
  seconds: 2,
};
const started: RunEvent = { type: 'started', node: 'n/1' as NodeId, attempt: 1, reason: { rule: 'never run' } };
const counts = { executed: 1, restored: 0, audited: 0, fetched: 0, upToDate: 1, cutOff: 0, failed: 0, skipped: 0 };
const key = digestBytes<NodeKey>('key');
const revision = { commit: 'a'.repeat(40), dirty: true };

function beginning() {
  const store = new MemoryStore();
  const ledger = new RunLedger(request, 0);
  const revisions = vi.fn(async () => revision);
  const recorder = new RunRecorder(store, record, { steps: 2 }, revisions);
  const heard: RunEvent[] = [];
  const listener = recorder.listen(
    () => ledger,
    (event) => heard.push(event),
  );
  return { store, ledger, recorder, listener, heard, revisions, latest: () => [...store.runs()][0] };
}

describe('a recorder', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('writes nothing until the end when nothing is executed, and asks for no revision', async () => {
    const { store, ledger, recorder, listener, heard, revisions } = beginning();
    listener({ type: 'upToDate', node: 'n/0' as NodeId });
    await vi.advanceTimersByTimeAsync(5000);
    expect([...store.runs()]).toEqual([]);
    await recorder.finish(ledger, { ...summary, executed: 0, restored: 0, audited: 0, fetched: 0, upToDate: 2 });
    expect([...store.runs()]).toEqual([
      {
        ...record,
        state: 'done',
        seconds: 2,
        counts: { ...counts, executed: 0, restored: 0, audited: 0, fetched: 0, upToDate: 2 },
      },
    ]);
    expect(store.manifest('run')?.params).toEqual({ steps: 2 });
    expect(heard.map(({ type }) => type)).toEqual(['upToDate']);
    expect(revisions).not.toHaveBeenCalled();
  });

  it('records the run when the first node starts, and the revision when it is known', async () => {
    const { latest, listener } = beginning();
    listener(started);
    expect(latest()).toEqual(record);
    await vi.advanceTimersByTimeAsync(0);
    expect(latest()).toEqual({ ...record, revision });
  });

  it('writes down every second what has happened, so that a killed run leaves it', async () => {
    const { store, ledger, listener } = beginning();
    const [first, second] = plan.nodes;
    if (!first || !second) throw new Error('a plan of two nodes has two');
    ledger.decide(first, key, 'up to date');
    listener(started);
    expect(store.manifest('run')).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1000);
    expect(store.manifest('run')?.nodes.map(({ outcome }) => outcome)).toEqual(['up to date', 'skipped']);
    const extend = vi.spyOn(store, 'extendManifest');
    await vi.advanceTimersByTimeAsync(1000);
    expect(extend).not.toHaveBeenCalled();
    ledger.decide(second, key, 'executed');
    await vi.advanceTimersByTimeAsync(1000);
    expect(extend.mock.calls).toEqual([['run', { decided: [{ index: 1, key, outcome: 'executed' }], attempts: [] }]]);
  });

  it('ends with the whole manifest and the counts', async () => {
    const { store, ledger, recorder, listener, latest } = beginning();
    listener(started);
    for (const node of plan.nodes) ledger.decide(node, key, 'executed');
    await recorder.finish(ledger, summary);
    expect(latest()).toEqual({ ...record, state: 'done', seconds: 2, counts, revision });
    expect(store.manifest('run')?.nodes.map(({ outcome }) => outcome)).toEqual(['executed', 'executed']);
    const extend = vi.spyOn(store, 'extendManifest');
    await vi.advanceTimersByTimeAsync(5000);
    expect(extend).not.toHaveBeenCalled();
  });

  it('refers to the last run when that was asked for the same, and nothing had to be done', async () => {
    const noop = { ...summary, executed: 0, upToDate: 2 };
    const { store, ledger } = beginning();
    const put = vi.spyOn(store, 'putManifest');
    const finish = async (id: string, asked: string, ended: RunSummary) => {
      const recorder = new RunRecorder(store, { ...record, id, asked }, {}, async () => undefined);
      await recorder.finish(ledger, ended);
    };
    await finish('first', 'this', noop);
    await finish('second', 'this', noop);
    await finish('other', 'that', noop);
    await finish('third', 'this', noop);
    await finish('executes', 'this', summary);
    await finish('failed', 'this', { ...noop, outcome: 'failed', failed: 1 });
    await finish('after a failure', 'this', noop);
    expect(put.mock.calls.map(([id]) => id)).toEqual([
      'first',
      'other',
      'third',
      'executes',
      'failed',
      'after a failure',
    ]);
    expect(store.manifest('second')?.nodes.map(({ outcome }) => outcome)).toEqual(['up to date', 'up to date']);
  });

  it('continues when the store cannot keep the record', async () => {
    const { store, listener, heard } = beginning();
    vi.spyOn(store, 'putRun').mockRejectedValue(new Error('full'));
    vi.spyOn(store, 'putManifest').mockRejectedValue(new Error('full'));
    listener(started);
    await vi.advanceTimersByTimeAsync(3000);
    expect(heard).toEqual([started]);
  });
});
