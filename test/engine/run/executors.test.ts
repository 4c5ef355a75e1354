import { describe, expect, it } from 'vitest';
import { type CodeFingerprint, digestBytes } from '../../../src/engine/base/digest.ts';
import type { Plan } from '../../../src/engine/plan/plan.ts';
import type { RunEvent } from '../../../src/engine/run/events.ts';
import { RunLoop } from '../../../src/engine/run/run-loop.ts';
import { FakePool, settled } from './fake-pool.ts';
import { MemoryStore } from './memory-store.ts';
import { planOf, planStage } from './plans.ts';

/** A run with the workers of this machine and an executor `there`. */
async function begin(
  plan: Plan,
  { slots = 1, targetSeconds = 2, executor }: { slots?: number; targetSeconds?: number; executor?: string } = {},
  store = new MemoryStore(),
) {
  const [here, there] = [new FakePool(store, 2), new FakePool(store, 100)];
  const events: RunEvent[] = [];
  const fingerprints = new Map(plan.nodes.map(({ stage }) => [stage, digestBytes<CodeFingerprint>(stage.name)]));
  const compute = { backend: 'wasm', version: '1', threads: 1 };
  const request = { plan, fingerprints, compute, engine: 'V8 11.3', environment: {}, forced: new Set<string>() };
  const loop = new RunLoop(request, store, here, {
    jobs: 2,
    capacity: { threads: 64, memoryBytes: 1e12, gpus: 8 },
    keepGoing: false,
    wanted: [],
    executors: new Map([['there', { executor: there, slots, targetSeconds }]]),
    executor,
    listener: (event) => events.push(event),
  });
  const ended = loop.run();
  ended.catch(() => {});
  await settled();
  return { loop, here, there, events, ended, running: (pool: FakePool) => [...pool.running.keys()].sort() };
}

/** Nodes without inputs: `NAME/1` … `NAME/COUNT`. */
function nodes(count: number, ...stages: readonly ReturnType<typeof planStage>[]): Plan {
  return planOf(
    stages.flatMap((stage) => Array.from({ length: count }, (_, n) => ({ stage, coordinates: { n: n + 1 } }))),
  );
}

describe('executors', () => {
  it('execute the stages that name them, and the local workers the others, at the same time', async () => {
    const run = await begin(nodes(2, planStage('a'), planStage('b', { executor: 'there' })), { slots: 2 });
    expect(run.running(run.here)).toEqual(['a/1', 'a/2']);
    expect(run.running(run.there)).toEqual(['b/1', 'b/2']);
    for (const node of ['a/1', 'a/2']) await run.here.finish(node);
    for (const node of ['b/1', 'b/2']) await run.there.finish(node);
    expect(await run.ended).toMatchObject({ outcome: 'done', executed: 4 });
  });

  it('that are named for the whole run get all stages but those that name the local workers', async () => {
    const run = await begin(nodes(1, planStage('a'), planStage('b', { executor: 'local' })), { executor: 'there' });
    expect([run.running(run.here), run.running(run.there)]).toEqual([['b/1'], ['a/1']]);
  });

  it('get one node a slot while nobody knows how long they take, and then as many as fill the time', async () => {
    const run = await begin(nodes(50, planStage('a')), { executor: 'there', slots: 2, targetSeconds: 2 });
    expect(run.running(run.there)).toEqual(['a/1', 'a/2']);
    await run.there.finish('a/1', 'bytes', 0.25);
    // 2 slots × 2 s, of which a/2 may take 2.
    expect(run.there.running.size).toBe(1 + 8);
    await run.there.finish('a/2', 'bytes', 0.25);
    expect(run.there.running.size).toBe(16);
  });

  it('get one node a slot of those that take longer than that, and at most 64 of the shortest', async () => {
    const long = await begin(nodes(9, planStage('a')), { executor: 'there', slots: 3 });
    await long.there.finish('a/1', 'bytes', 1000);
    expect(long.there.running.size).toBe(3);
    const short = await begin(nodes(500, planStage('a')), { executor: 'there' });
    await short.there.finish('a/1', 'bytes', 1e-6);
    expect(short.there.running.size).toBe(64);
  });

  it('get less at a time when little is left, so that no slot has much to do while others are idle', async () => {
    const store = new MemoryStore();
    await store.putDurations({ a: 1 });
    const sent = async (count: number) =>
      (await begin(nodes(count, planStage('a')), { executor: 'there', slots: 2, targetSeconds: 60 }, store)).there
        .running.size;
    expect(await sent(1000)).toBe(120);
    expect(await sent(100)).toBe(50);
    expect(await sent(20)).toBe(10);
    expect(await sent(6)).toBe(4);
  });

  it('refuse a node: it is told once for each cause, and the local workers execute it', async () => {
    const run = await begin(nodes(3, planStage('a', { executor: 'there' })), { slots: 3 });
    await run.there.refuse('a/1', 'another V8');
    await run.there.refuse('a/2', 'another V8');
    await run.there.refuse('a/3', 'other packages');
    expect(run.running(run.here)).toEqual(['a/1', 'a/2']);
    for (const node of ['a/1', 'a/2', 'a/3']) await run.here.finish(node);
    expect(await run.ended).toMatchObject({ outcome: 'done', executed: 3 });
    const refused = run.events.flatMap((event) => (event.type === 'refused' ? [event.diagnostic.fact] : []));
    expect(refused).toEqual(['another V8', 'other packages']);
    // Nothing was tried there.
    expect(run.loop.state.ledger.attempts.map(({ executor }) => executor)).toEqual([undefined, undefined, undefined]);
  });

  it('get a lost node again, alone', async () => {
    const run = await begin(nodes(1, planStage('a', { executor: 'there' })));
    await run.there.lose('a/1');
    expect(run.there.started.map(({ demands }) => demands.isAlone)).toEqual([false, true]);
    await run.there.finish('a/1');
    expect(await run.ended).toMatchObject({ outcome: 'done', executed: 1 });
  });

  it('get the next step of a chain with the number of the slot that had the last one', async () => {
    const stage = planStage('a', { executor: 'there' });
    const plan = planOf([
      { stage, coordinates: { n: 1 }, chain: 'a' },
      { stage, coordinates: { n: 2 }, chain: 'a', reads: ['a/1'] },
    ]);
    const run = await begin(plan);
    await run.there.finish('a/1');
    expect(run.there.started.map(({ preferred }) => preferred)).toEqual([undefined, 1]);
  });

  it('end with the run', async () => {
    const run = await begin(nodes(2, planStage('a', { executor: 'there' })), { slots: 2 });
    await run.loop.stopNow();
    expect([run.here.stops, run.there.stops]).toEqual([1, 1]);
    expect(await run.ended).toMatchObject({ outcome: 'interrupted', executed: 0 });
  });
});
