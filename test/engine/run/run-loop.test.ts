import { describe, expect, it } from 'vitest';
import { type CodeFingerprint, digestBytes } from '../../../src/engine/base/digest.ts';
import { Failure } from '../../../src/engine/base/failure.ts';
import { evenRetries } from '../../../src/engine/pipeline/stages/retry-policy.ts';
import type { OutputReference, Plan, PlanStage, StageResources } from '../../../src/engine/plan/plan.ts';
import type { RunEvent, RunSummary } from '../../../src/engine/run/events.ts';
import { RunLoop } from '../../../src/engine/run/run-loop.ts';
import type { RunRequest } from '../../../src/engine/staleness/subjects.ts';
import { FakePool, settled } from './fake-pool.ts';
import { MemoryStore } from './memory-store.ts';
import { type NodeSketch, planOf, planStage } from './plans.ts';

interface Wishes {
  readonly jobs?: number;
  readonly keepGoing?: boolean;
  readonly forced?: readonly string[];
  readonly code?: string;
  readonly store?: MemoryStore;
  readonly wanted?: readonly OutputReference[];
  readonly capacity?: Partial<StageResources>;
  /** Whether jobs end without being told to. */
  readonly automatic?: boolean;
}

/** Starts a run of a plan and returns once everything that can be started is. */
async function begin(plan: Plan, wishes: Wishes = {}) {
  const { jobs = 1, keepGoing = false, forced = [], code = '1', store = new MemoryStore() } = wishes;
  const request: RunRequest = {
    plan,
    fingerprints: new Map(plan.nodes.map(({ stage }) => [stage, digestBytes<CodeFingerprint>(stage.name + code)])),
    compute: { backend: 'wasm', version: '1', threads: 1 },
    engine: 'V8 11.3',
    environment: {},
    forced: new Set(forced),
  };
  const pool = new FakePool(store, jobs, wishes.automatic);
  const events: RunEvent[] = [];
  const loop = new RunLoop(request, store, pool, {
    jobs,
    capacity: { threads: 64, memoryBytes: 1e12, gpus: 8, ...wishes.capacity },
    keepGoing,
    wanted: wishes.wanted ?? [],
    listener: (event) => events.push(event),
  });
  const ended = loop.run();
  // A run that fails is looked at by the test, later.
  ended.catch(() => {});
  await settled();
  const running = () => [...pool.running.keys()].sort();
  return { loop, pool, store, events, ended, running };
}

/** Runs a plan to its end, one node after the other; `content` says what bytes a node gives. */
async function complete(plan: Plan, wishes: Wishes = {}, content?: (node: string) => string) {
  const run = await begin(plan, wishes);
  while (run.pool.running.size > 0) {
    const node = run.running()[0] as string;
    await run.pool.finish(node, content?.(node));
  }
  return { ...run, summary: await run.ended };
}

const counts = ({ outcome, executed, upToDate, cutOff, failed, skipped }: RunSummary) => ({
  outcome,
  executed,
  upToDate,
  cutOff,
  failed,
  skipped,
});

const briefly = (events: readonly RunEvent[]) =>
  events.map((event) => ('node' in event ? `${event.type} ${event.node}` : event.type));

/** Chains of epochs, each after its own `init`, and a plot of them all. */
function chains(seeds: readonly number[], epochs: number, changes: Partial<PlanStage> = {}): Plan {
  const [init, train, plot] = [planStage('init', changes), planStage('train', changes), planStage('plot', changes)];
  const sketches: NodeSketch[] = seeds.flatMap((seed) => [
    { stage: init, coordinates: { seed } },
    ...Array.from({ length: epochs }, (_, index): NodeSketch => {
      const epoch = index + 1;
      const reads = [epoch === 1 ? `init/${seed}` : `train/${seed}/${epoch - 1}`];
      return { stage: train, coordinates: { seed, epoch }, reads, chain: `train/${seed}` };
    }),
  ]);
  return planOf([...sketches, { stage: plot, reads: seeds.map((seed) => `train/${seed}/${epochs}`) }]);
}

describe('a run', () => {
  it('executes what has never run, each node after its inputs, and tells it in order', async () => {
    const { events, summary, pool } = await complete(chains([1], 2));
    expect(pool.names()).toEqual(['init/1', 'train/1/1', 'train/1/2', 'plot']);
    expect(counts(summary)).toEqual({ outcome: 'done', executed: 4, upToDate: 0, cutOff: 0, failed: 0, skipped: 0 });
    expect(briefly(events)).toEqual([
      'planned',
      ...['init/1', 'train/1/1', 'train/1/2', 'plot'].flatMap((node) => [`started ${node}`, `finished ${node}`]),
      'summary',
    ]);
    expect(events.at(-1)).toBe(summary);
  });

  it('executes nothing the second time, and starts no worker', async () => {
    const plan = chains([1, 2], 3);
    const { store } = await complete(plan);
    const again = await complete(plan, { store });
    expect(counts(again.summary)).toEqual({
      outcome: 'done',
      executed: 0,
      upToDate: 9,
      cutOff: 0,
      failed: 0,
      skipped: 0,
    });
    expect(again.pool.started).toEqual([]);
  });

  it('executes only the new steps of a longer chain', async () => {
    const { store } = await complete(chains([1], 2));
    const { pool, summary } = await complete(chains([1], 4), { store });
    expect(pool.names()).toEqual(['train/1/3', 'train/1/4', 'plot']);
    expect(summary).toMatchObject({ executed: 3, upToDate: 3 });
  });

  it('is cut off where an executed node gives the same bytes, and remembers the keys', async () => {
    const plan = chains([1], 3);
    const { store } = await complete(plan);
    const { pool, summary, events } = await complete(plan, { store, forced: ['init'] });
    expect(pool.names()).toEqual(['init/1']);
    expect(counts(summary)).toEqual({ outcome: 'done', executed: 1, upToDate: 0, cutOff: 4, failed: 0, skipped: 0 });
    expect(briefly(events)).toContain('cutOff plot');
  });

  it('executes the dependents of a node that gives other bytes', async () => {
    const plan = chains([1], 2);
    const { store } = await complete(plan);
    const { pool, summary, events } = await complete(plan, { store, forced: ['init'] }, (node) =>
      node === 'init/1' ? 'other' : `bytes of ${node}`,
    );
    // The first epoch gives the same bytes as before: the second is not executed.
    expect(pool.names()).toEqual(['init/1', 'train/1/1']);
    expect(summary).toMatchObject({ executed: 2, cutOff: 2 });
    const started = events.find((event) => event.type === 'started' && event.node === 'train/1/1');
    expect(started).toMatchObject({ attempt: 1, reason: { rule: 'inputs' } });
  });

  it('executes every node of a stage whose code has changed', async () => {
    const plan = chains([1], 2);
    const { store } = await complete(plan);
    const { events, summary } = await complete(plan, { store, code: '2' });
    expect(summary.executed).toBe(4);
    const reasons = events.flatMap((event) => (event.type === 'started' ? [event.reason.rule] : []));
    expect(reasons).toEqual(['code', 'code', 'code', 'code']);
  });

  it('gives a job everything that describes its node', async () => {
    const stage = planStage('train', { outputs: { weights: 'safetensors' }, compute: true, timeoutSeconds: 9 });
    const { pool, events } = await begin(planOf([{ stage, coordinates: { epoch: 1 }, params: { rate: 0.1 } }]));
    const [started] = pool.started;
    expect(started?.demands.limitSeconds).toBe(9);
    expect(started?.job).toEqual({
      id: 1,
      node: 'train/1',
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      stage: 'train',
      program: { kind: 'module', path: 'stages/train.ts' },
      code: digestBytes('train1'),
      params: { rate: 0.1 },
      coordinates: { epoch: 1 },
      inputs: [],
      outputs: { weights: 'safetensors' },
      compute: { backend: 'wasm', version: '1', threads: 1 },
      secrets: [],
      undeclared: 'refuse',
      surroundings: { engine: 'V8 11.3', variables: {} },
      attempt: 1,
      purpose: { kind: 'record' },
    });
    started?.listener.progress(0.25);
    expect(events.at(-1)).toEqual({ type: 'progress', node: 'train/1', fraction: 0.25 });
    const values = [{ name: 'loss', step: 0, value: 0.5 }];
    started?.listener.metrics(values);
    expect(events.at(-1)).toEqual({ type: 'metrics', node: 'train/1', values });
  });

  it('of an empty plan is done at once', async () => {
    const { summary } = await complete(planOf([]));
    expect(summary).toMatchObject({ outcome: 'done', executed: 0, upToDate: 0 });
  });
});

describe('the order of a run', () => {
  it('continues a chain before it starts another', async () => {
    const { pool } = await complete(chains([1, 2], 3));
    const chain = (seed: number) => [1, 2, 3].map((epoch) => `train/${seed}/${epoch}`);
    expect(pool.names()).toEqual(['init/1', 'init/2', ...chain(1), ...chain(2), 'plot']);
  });

  it('prefers the worker that had the last epoch of a chain', async () => {
    const { pool } = await begin(chains([1, 2], 3), { jobs: 2 });
    await pool.finish('init/1');
    await pool.finish('init/2');
    const workerOf = (node: string) => pool.started.find(({ job }) => job.node === node)?.worker;
    await pool.finish('train/2/1');
    await pool.finish('train/1/1');
    const preferredBy = (node: string) => pool.started.find(({ job }) => job.node === node)?.preferred;
    expect(preferredBy('train/1/1')).toBeUndefined();
    expect(preferredBy('train/2/2')).toBe(workerOf('train/2/1'));
    expect(preferredBy('train/1/2')).toBe(workerOf('train/1/1'));
  });

  it('starts what is on the critical path first, by the durations of earlier runs', async () => {
    const [short, long] = [planStage('short'), planStage('long')];
    const plan = planOf([
      { stage: short, coordinates: { name: 'a' } },
      { stage: long, coordinates: { name: 'b' } },
      { stage: short, coordinates: { name: 'c' } },
      { stage: planStage('after'), reads: ['short/c'] },
    ]);
    const store = new MemoryStore();
    await store.putDurations({ 'short/a': 1, 'long/b': 5, 'short/c': 1, after: 60 });
    const { pool } = await complete(plan, { store });
    expect(pool.names()).toEqual(['short/c', 'after', 'long/b', 'short/a']);
  });

  it('runs as many nodes at a time as it may, and as their resources allow', async () => {
    const wide = planStage('wide', { resources: { threads: 3, memoryBytes: 0, gpus: 0 } });
    const thin = planStage('thin');
    const plan = planOf([
      ...[1, 2].map((index) => ({ stage: wide, coordinates: { index } })),
      ...[1, 2, 3].map((index) => ({ stage: thin, coordinates: { index } })),
    ]);
    const { pool, running, ended } = await begin(plan, { jobs: 3, capacity: { threads: 4 } });
    expect(running()).toEqual(['thin/1', 'wide/1']);
    await pool.finish('thin/1');
    expect(running()).toEqual(['thin/2', 'wide/1']);
    // Three threads are free now: two more nodes can start where one has ended.
    await pool.finish('wide/1');
    expect(running()).toEqual(['thin/2', 'wide/2']);
    await pool.finish('thin/2');
    await pool.finish('wide/2');
    await pool.finish('thin/3');
    expect(await ended).toMatchObject({ executed: 5 });
  });

  it('uses a worker as soon as it is free, while artefacts are on their way to the disk', async () => {
    const stage = planStage('n');
    const plan = planOf([1, 2].map((index) => ({ stage, coordinates: { index } })));
    const { pool, running, ended } = await begin(plan);
    expect(running()).toEqual(['n/1']);
    await pool.free('n/1');
    expect(running()).toEqual(['n/1', 'n/2']);
    await pool.finish('n/2');
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    await settled();
    expect(isOver).toBe(false);
    await pool.finish('n/1');
    expect(await ended).toMatchObject({ executed: 2 });
  });

  it('remembers mean durations, next to those of other nodes', async () => {
    const store = new MemoryStore();
    await store.putDurations({ other: 7, 'train/1': 100 });
    const { pool, ended } = await begin(chains([1], 2), { store });
    await pool.finish('init/1', 'i', 0.5);
    await pool.finish('train/1/1', 'a', 2);
    await pool.finish('train/1/2', 'b', 4);
    await pool.finish('plot', 'p', 1);
    await ended;
    expect(store.durations()).toEqual({ other: 7, 'init/1': 0.5, 'train/1': 3, plot: 1 });
  });
});

describe('a failed node', () => {
  it('stops the run: what is running ends, nothing else is started', async () => {
    const { pool, running, ended, events } = await begin(chains([1, 2], 2), { jobs: 2 });
    await pool.fail('init/1');
    expect(running()).toEqual(['init/2']);
    await pool.finish('init/2');
    expect(counts(await ended)).toEqual({
      outcome: 'failed',
      executed: 1,
      upToDate: 0,
      cutOff: 0,
      failed: 1,
      skipped: 5,
    });
    expect(events.filter(({ type }) => type === 'failed')).toEqual([
      { type: 'failed', node: 'init/1', cause: 'stage', diagnostic: { fact: 'init/1 failed' }, log: 'its log' },
    ]);
    const skipped = events.flatMap((event) =>
      event.type === 'skipped' ? [`${event.node} because of ${event.because}`] : [],
    );
    expect(skipped.sort()).toEqual(['plot', 'train/1/1', 'train/1/2'].map((node) => `${node} because of init/1`));
  });

  it('is counted separately if the declarations are wrong', async () => {
    const { pool, ended, events } = await begin(chains([1, 2], 2), { jobs: 2, keepGoing: true });
    await pool.fail('init/1', 'usage');
    await pool.fail('init/2', 'stage');
    expect(await ended).toMatchObject({ outcome: 'failed', failed: 2, misconfigured: 1 });
    const causes = events.flatMap((event) => (event.type === 'failed' ? [event.cause] : []));
    expect(causes).toEqual(['usage', 'stage']);
  });

  it('leaves the others alone with keep-going', async () => {
    const { pool, ended } = await begin(chains([1, 2], 2), { keepGoing: true });
    await pool.fail('init/1');
    for (const node of ['init/2', 'train/2/1', 'train/2/2']) await pool.finish(node);
    expect(counts(await ended)).toEqual({
      outcome: 'failed',
      executed: 3,
      upToDate: 0,
      cutOff: 0,
      failed: 1,
      skipped: 3,
    });
  });

  it('is tried again as often as its stage says, before the chain is given up', async () => {
    const { pool, ended, events } = await begin(chains([1, 2], 1, { retries: evenRetries(2) }), { keepGoing: true });
    await pool.fail('init/1', 'crash');
    await pool.fail('init/1', 'timeout');
    await pool.finish('init/1');
    for (const node of ['init/2', 'train/1/1', 'train/2/1', 'plot']) await pool.finish(node);
    expect(events.filter(({ type }) => type === 'retrying')).toEqual([
      { type: 'retrying', node: 'init/1', attempt: 2, diagnostic: { fact: 'init/1 failed' } },
      { type: 'retrying', node: 'init/1', attempt: 3, diagnostic: { fact: 'init/1 failed' } },
    ]);
    expect(pool.started.filter(({ job }) => job.node === 'init/1').map(({ job }) => job.attempt)).toEqual([1, 2, 3]);
    expect(await ended).toMatchObject({ outcome: 'done', executed: 5, failed: 0 });
  });

  it('is tried again by the cause of its failure, with a longer timeout and more memory each time', async () => {
    const policy = {
      failed: { times: 1, factor: 1 },
      timeout: { times: 2, factor: 2 },
      memory: { times: 1, factor: 1.5 },
      lost: { times: 1, factor: 1 },
    };
    const stage = planStage('a', {
      retries: policy,
      timeoutSeconds: 10,
      resources: { threads: 1, memoryBytes: 1000, gpus: 0 },
    });
    const { pool, ended, events } = await begin(planOf([{ stage }]));
    for (const cause of ['timeout', 'memory', 'crash', 'timeout'] as const) await pool.fail('a', cause);
    await pool.lose('a');
    await pool.finish('a');
    expect(await ended).toMatchObject({ outcome: 'done', failed: 0 });
    const given = pool.started.map(({ demands }) => [demands.limitSeconds, demands.resources.memoryBytes]);
    expect(given).toEqual([
      [10, 1000],
      [20, 1000],
      [20, 1500],
      [20, 1500],
      [40, 1500],
      [40, 1500],
    ]);
    expect(events.filter(({ type }) => type === 'retrying')).toHaveLength(4);
  });

  it.each([
    ['memory', 'memory'],
    ['timeout', 'timeout'],
    ['crash', 'crash'],
    ['lost', 'lost'],
  ] as const)('fails where its stage allows no other attempt after: %s', async (cause, told) => {
    const none = { times: 0, factor: 1 };
    const retries = { failed: none, timeout: none, memory: none, lost: none };
    const { pool, ended, events } = await begin(planOf([{ stage: planStage('a', { retries }) }]));
    if (cause === 'lost') await pool.lose('a');
    else await pool.fail('a', cause);
    expect(await ended).toMatchObject({ outcome: 'failed', failed: 1 });
    expect(events).toContainEqual(expect.objectContaining({ type: 'failed', node: 'a', cause: told }));
  });

  it('is not tried again where its worker died of a damaged cache: the run ends with what is wrong there', async () => {
    const store = new MemoryStore();
    const { pool, ended, events } = await begin(chains([1], 1, { retries: evenRetries(5) }), { store });
    store.checkFile = () => {
      throw new Failure('store', { fact: 'data.mdb is damaged: it was cut off', fix: 'put back a copy of it' });
    };
    await pool.fail('init/1', 'crash');
    await expect(ended).rejects.toThrow('data.mdb is damaged: it was cut off');
    expect(events.filter(({ type }) => type === 'retrying')).toEqual([]);
  });

  it('is tried again after a crash if the cache is not damaged', async () => {
    const store = new MemoryStore();
    let checks = 0;
    store.checkFile = () => void checks++;
    const { pool, ended } = await begin(chains([1], 1, { retries: evenRetries(1) }), { store });
    await pool.fail('init/1', 'crash');
    expect(checks).toBe(1);
    await pool.finish('init/1');
    for (const node of ['train/1/1', 'plot']) await pool.finish(node);
    expect(await ended).toMatchObject({ outcome: 'done' });
    expect(checks).toBe(1);
  });

  it('fails for good after its last attempt', async () => {
    const { pool, ended } = await begin(chains([1], 1, { retries: evenRetries(1) }));
    await pool.fail('init/1');
    await pool.fail('init/1');
    expect(await ended).toMatchObject({ outcome: 'failed', executed: 0, failed: 1, skipped: 2 });
  });

  it('is not tried again once the run has failed', async () => {
    const { pool, ended, running } = await begin(
      planOf([{ stage: planStage('a') }, { stage: planStage('b', { retries: evenRetries(5) }) }]),
      { jobs: 2 },
    );
    await pool.fail('a');
    await pool.fail('b');
    expect(running()).toEqual([]);
    expect(await ended).toMatchObject({ failed: 2 });
  });

  it('counts nothing when its artefacts were lost: it is executed again, without an attempt less', async () => {
    const { pool, ended, events } = await begin(chains([1], 1));
    await pool.lose('init/1');
    for (const node of ['init/1', 'train/1/1', 'plot']) await pool.finish(node);
    expect(await ended).toMatchObject({ outcome: 'done', executed: 3, failed: 0 });
    expect(pool.started.map(({ job }) => `${job.id} ${job.node} ${job.attempt}`)).toEqual([
      '1 init/1 1',
      '2 init/1 1',
      '3 train/1/1 1',
      '4 plot 1',
    ]);
    expect(events.some(({ type }) => type === 'retrying')).toBe(false);
  });

  it('is tried once more, alone, when its worker ended after it had returned, and then fails with its last words', async () => {
    const { pool, ended, events } = await begin(chains([1], 1, { retries: evenRetries(3) }));
    await pool.die('init/1');
    await pool.die('init/1');
    expect(await ended).toMatchObject({ outcome: 'failed', executed: 0, failed: 1, skipped: 2 });
    expect(pool.started.map(({ demands }) => demands.isAlone)).toEqual([false, true]);
    expect(events.find(({ type }) => type === 'failed')).toMatchObject({
      cause: 'crash',
      diagnostic: { fact: 'the worker process of init/1 was killed by SIGSEGV after the stage had returned, 2 times' },
      log: 'its last words',
    });
  });

  it('does not fail for losses that another node may have caused, however many', async () => {
    const { pool, ended } = await begin(chains([1], 1));
    for (let loss = 0; loss < 5; loss++) await pool.lose('init/1');
    await pool.die('init/1');
    for (const node of ['init/1', 'train/1/1', 'plot']) await pool.finish(node);
    expect(await ended).toMatchObject({ outcome: 'done', executed: 3, failed: 0 });
  });

  it('ends the run with the failure of the store when the cache cannot be written', async () => {
    const { pool, ended, events } = await begin(chains([1, 2], 1, { retries: evenRetries(3) }), {
      jobs: 2,
      keepGoing: true,
    });
    await pool.fail('init/1', 'store');
    await pool.finish('init/2');
    const error = await ended.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ kind: 'store', message: 'init/1 failed' });
    expect(pool.names()).toEqual(['init/1', 'init/2']);
    expect(events.at(-1)).toMatchObject({ type: 'summary', outcome: 'failed', executed: 1, failed: 1 });
  });

  it('ends the run when the cache can no longer be read, whatever else is under way', async () => {
    const { pool, ended, events, store } = await begin(chains([1, 2], 1), { jobs: 2 });
    store.trace = () => {
      throw new Failure('store', { fact: 'the cache is gone' });
    };
    await pool.finish('init/1');
    await expect(ended).rejects.toMatchObject({ kind: 'store', message: 'the cache is gone' });
    expect(events.at(-1)).toMatchObject({ type: 'summary', outcome: 'failed' });
  });
});

describe('an interrupted run', () => {
  it('lets running nodes finish the first time', async () => {
    const { loop, pool, ended, events, running, store } = await begin(chains([1, 2], 2), { jobs: 2 });
    await pool.finish('init/1');
    expect(running()).toEqual(['init/2', 'train/1/1']);
    loop.stopSoon();
    expect(events.at(-1)).toEqual({ type: 'stopping', running: 2 });
    await pool.finish('init/2');
    await pool.finish('train/1/1');
    expect(counts(await ended)).toEqual({
      outcome: 'interrupted',
      executed: 3,
      upToDate: 0,
      cutOff: 0,
      failed: 0,
      skipped: 4,
    });

    const { pool: next, summary } = await complete(chains([1, 2], 2), { store });
    expect(next.names()).not.toContain('train/1/1');
    expect(summary).toMatchObject({ outcome: 'done', executed: 4, upToDate: 3 });
  });

  it('ends running nodes by force the second time', async () => {
    const { loop, pool, ended } = await begin(chains([1, 2], 2), { jobs: 2 });
    await pool.finish('init/1');
    loop.stopSoon();
    await loop.stopNow();
    expect(pool.stops).toBe(1);
    expect(counts(await ended)).toEqual({
      outcome: 'interrupted',
      executed: 1,
      upToDate: 0,
      cutOff: 0,
      failed: 0,
      skipped: 6,
    });
  });

  it('says nothing after its summary if it is over by then', async () => {
    const { loop, events } = await complete(chains([1], 1));
    loop.stopSoon();
    expect(events.at(-1)).toMatchObject({ type: 'summary', outcome: 'done' });
  });

  it('is interrupted, not failed, when a node fails on the way', async () => {
    const { loop, pool, ended } = await begin(chains([1], 1));
    loop.stopSoon();
    await pool.fail('init/1');
    expect(await ended).toMatchObject({ outcome: 'interrupted', failed: 1, skipped: 2 });
  });
});

describe('a long chain', () => {
  it('of thousands of nodes is executed, and walked when it is up to date, without recursion', async () => {
    const plan = chains([1], 5000);
    const store = new MemoryStore();
    const first = await begin(plan, { store, automatic: true });
    expect(await first.ended).toMatchObject({ executed: 5002 });
    const { summary } = await complete(plan, { store });
    expect(summary).toMatchObject({ executed: 0, upToDate: 5002 });
  });
});
