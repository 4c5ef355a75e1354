import { describe, expect, it } from 'vitest';
import { type CodeFingerprint, digestBytes } from '../../../../src/engine/base/digest.ts';
import { forecastRestorations } from '../../../../src/engine/run/forecast-restorations.ts';
import { RunLoop } from '../../../../src/engine/run/run-loop.ts';
import type { RunRequest } from '../../../../src/engine/staleness/subjects.ts';
import { survey } from '../../../../src/engine/staleness/survey.ts';
import { plannedWork } from '../../../../src/engine/views/explain/planned-work.ts';
import { rootCause } from '../../../../src/engine/views/explain/root-cause.ts';
import type { WorkerPool } from '../../../../src/engine/workers/pool.ts';
import { FakePool, settled } from '../../run/fake-pool.ts';
import { MemoryStore } from '../../run/memory-store.ts';
import { planOf, planStage } from '../../run/plans.ts';

interface Wishes {
  readonly rate?: number;
  readonly code?: string;
  /** How many epochs the plan has. */
  readonly epochs?: number;
}

const [train, plot] = [planStage('train'), planStage('plot')];

function workOf(request: RunRequest, store: MemoryStore) {
  const states = survey(request, store);
  return plannedWork(states, request, forecastRestorations(states, store), store, 2);
}

/** `train/1` → `train/2` → … → `plot`. */
function requestOf({ rate = 1, code = '1', epochs = 3 }: Wishes = {}): RunRequest {
  const chain = Array.from({ length: epochs }, (_, index) => ({
    stage: train,
    coordinates: { epoch: index + 1 },
    params: { rate: index === 0 ? rate : 0 },
    reads: index === 0 ? [] : [`train/${index}`],
  }));
  return {
    plan: planOf([...chain, { stage: plot, reads: [`train/${epochs}`] }]),
    fingerprints: new Map([
      [train, digestBytes<CodeFingerprint>('train')],
      [plot, digestBytes<CodeFingerprint>(code)],
    ]),
    compute: { backend: 'wasm', version: '1', threads: 1 },
    engine: 'V8 11.3',
    environment: {},
    forced: new Set(),
  };
}

/** Runs a request; `content` gives the bytes of a node, and nodes of `left` stay undone. */
async function complete(store: MemoryStore, request: RunRequest, content: string, left: readonly string[] = []) {
  const pool = new FakePool(store, 1);
  const loop = new RunLoop(request, store, pool as unknown as WorkerPool, {
    jobs: 1,
    capacity: { threads: 64, memoryBytes: 1e12, gpus: 8 },
    keepGoing: true,
    wanted: [],
    listener: () => {},
  });
  const ended = loop.run();
  await settled();
  while (pool.running.size > 0) {
    const node = [...pool.running.keys()][0] as string;
    if (left.includes(node)) await pool.fail(node);
    else await pool.finish(node, `${node} ${content}`, 2);
  }
  await ended;
}

describe('plannedWork', () => {
  it('groups nodes by stage and reason, with what they took', async () => {
    const store = new MemoryStore();
    await complete(store, requestOf(), 'a');
    const request = requestOf({ rate: 2, code: '2' });
    const { groups, seconds, unmeasured } = workOf(request, store);
    expect(groups.map(({ stage, cause, nodes, seconds: took }) => [stage, cause, nodes.length, took])).toEqual([
      ['train', { kind: 'reason', reason: { rule: 'params', changes: [{ path: 'rate', old: 1, new: 2 }] } }, 1, 2],
      ['train', { kind: 'other bytes', from: 'train' }, 2, 4],
      ['plot', { kind: 'reason', reason: expect.objectContaining({ rule: 'code' }) }, 1, 2],
    ]);
    // A chain is no shorter for a second worker.
    expect(seconds).toBe(8);
    expect(unmeasured).toBe(0);
  });

  it('says how many nodes have never been measured', () => {
    const store = new MemoryStore();
    const request = requestOf();
    const { groups, seconds, unmeasured } = workOf(request, store);
    expect(groups.map(({ cause, nodes }) => [cause, nodes.length])).toEqual([
      [{ kind: 'reason', reason: { rule: 'never run' } }, 3],
      [{ kind: 'reason', reason: { rule: 'never run' } }, 1],
    ]);
    expect([seconds, unmeasured]).toEqual([0, 4]);
  });

  it('takes as long as what has to be restored for it, too', async () => {
    const store = new MemoryStore();
    await complete(store, requestOf(), 'a');
    const request = requestOf({ epochs: 4 });
    const of = () => workOf(request, store);
    // Nothing like the fourth epoch has run.
    expect(of()).toMatchObject({ seconds: 2, unmeasured: 1 });
    await store.dropArtefacts([...store.digests()]);
    // Three epochs are restored one after the other, and the plot follows them.
    expect(of()).toMatchObject({ seconds: 8, unmeasured: 1 });
    expect(of().groups.map(({ stage, nodes, seconds }) => [stage, nodes.length, seconds])).toEqual([
      ['train', 1, 0],
      ['plot', 1, 2],
    ]);
  });

  it('is nothing when all is up to date', async () => {
    const store = new MemoryStore();
    await complete(store, requestOf(), 'a');
    const request = requestOf();
    expect(workOf(request, store)).toEqual({ groups: [], seconds: 0, unmeasured: 0 });
  });
});

describe('rootCause', () => {
  it('follows changed inputs up to where the change began', async () => {
    const store = new MemoryStore();
    await complete(store, requestOf(), 'a');
    // The whole chain is executed with another rate, and the plot is not.
    await complete(store, requestOf({ rate: 2 }), 'b', ['plot']);
    const states = survey(requestOf({ rate: 2 }), store);
    const last = states.at(-1);
    if (last?.state !== 'stale') throw new Error('the plot is stale');
    const steps = rootCause(last.node, last.reason, states, store);
    expect(steps.map(({ node, input, reason }) => [node.id, input, reason.rule])).toEqual([
      ['train/3', 'in0', 'inputs'],
      ['train/2', 'in0', 'inputs'],
      ['train/1', 'in0', 'params'],
    ]);
    expect(steps.at(-1)?.reason).toEqual({ rule: 'params', changes: [{ path: 'rate', old: 1, new: 2 }] });
  });

  it('says so if only the bytes differ', async () => {
    const store = new MemoryStore();
    await complete(store, requestOf({ epochs: 1 }), 'a');
    await complete(store, { ...requestOf({ epochs: 1 }), forced: new Set(['train']) }, 'b', ['plot']);
    const states = survey(requestOf({ epochs: 1 }), store);
    const last = states.at(-1);
    if (last?.state !== 'stale') throw new Error('the plot is stale');
    // Its record was replaced by the new one, under the same key.
    expect(rootCause(last.node, last.reason, states, store).map(({ reason }) => reason)).toEqual([
      { rule: 'not known' },
    ]);
  });
});
