import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, type CodeFingerprint, digestBytes } from '../../../src/engine/base/digest.ts';
import type { Plan } from '../../../src/engine/plan/plan.ts';
import type { RunEvent } from '../../../src/engine/run/events.ts';
import { RunLoop } from '../../../src/engine/run/run-loop.ts';
import { Subjects } from '../../../src/engine/staleness/subjects.ts';
import { FakePool, settled } from './fake-pool.ts';
import { MemoryStore } from './memory-store.ts';
import { planOf, planOfEdges, planStage, randomEdges } from './plans.ts';

interface Wishes {
  readonly jobs?: number;
  readonly fails?: (node: string) => boolean;
  readonly pick?: (running: number) => number;
  readonly content?: (node: string) => string;
  /** Indices of nodes whose output `out` a target publishes. */
  readonly published?: readonly number[];
}

function requestOf(plan: Plan) {
  return {
    plan,
    fingerprints: new Map(plan.nodes.map(({ stage }) => [stage, digestBytes<CodeFingerprint>(stage.name)])),
    compute: { backend: 'cpu', version: '1', threads: 1 },
    engine: 'V8 11.3',
    environment: {},
    forced: new Set<string>(),
  };
}

/** Runs a plan to its end; every job that starts must find the bytes that it reads. */
async function runPlan(plan: Plan, store: MemoryStore, wishes: Wishes = {}) {
  const { jobs = 2, fails = () => false, pick = () => 0, content = (node: string) => node } = wishes;
  const pool = new FakePool(store, jobs);
  const events: RunEvent[] = [];
  const request = requestOf(plan);
  const loop = new RunLoop(request, store, pool, {
    jobs,
    capacity: { threads: 64, memoryBytes: 1e12, gpus: 0 },
    keepGoing: false,
    wanted: (wishes.published ?? []).map((node) => ({ node, output: 'out' })),
    listener: (event) => events.push(event),
  });
  const ended = loop.run();
  await settled();
  let seen = 0;
  while (pool.running.size > 0) {
    for (const { job } of pool.started.slice(seen)) {
      for (const input of job.inputs) {
        const digests = input.kind === 'one' ? [input.digest] : input.items.map(({ digest }) => digest);
        for (const digest of digests) if (!store.hasArtefact(digest)) throw new Error(`${job.node} lacks its input`);
      }
    }
    seen = pool.started.length;
    const running = [...pool.running.keys()].sort();
    const node = running[pick(running.length)] as string;
    if (fails(node)) await pool.fail(node);
    else await pool.finish(node, content(node));
  }
  const summary = await ended;
  await settled();
  const subjects = new Subjects(request);
  const restored = pool.started.filter(({ job }) => job.purpose.kind === 'restore').map(({ job }) => job.node);
  const executed = pool.started.filter(({ job }) => job.purpose.kind === 'record').map(({ job }) => job.node);
  const keys = plan.nodes.map((node) => subjects.subject(node, loop.state.known.outputs)?.key);
  const outputs = plan.nodes.map((node) => loop.state.known.madeBy(node));
  const has = (index: number) => store.hasArtefact(outputs[index]?.[0] as ArtefactDigest);
  return { summary, events, restored, executed, keys, has, outputs };
}

/** A random plan, of whose nodes some give up their bytes. */
const worlds = fc.record({
  edges: randomEdges,
  gone: fc.func(fc.boolean()),
  lost: fc.func(fc.boolean()),
  unlucky: fc.func(fc.integer({ min: 0, max: 6 })),
  order: fc.infiniteStream(fc.nat(20)),
  jobs: fc.integer({ min: 1, max: 3 }),
});

function worldPlan(edges: readonly (readonly number[])[], gone: (index: number) => boolean): Plan {
  const transient = new Map(edges.flatMap((_, index) => (gone(index) ? [[index, ['out']] as const] : [])));
  return { ...planOfEdges(edges), transient };
}

describe('bytes of random plans', () => {
  it('are there whenever a node reads them; in the end the temporary ones are evicted, and no others', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ edges, gone, order, jobs }) => {
        const plan = worldPlan(edges, gone);
        const picks = order[Symbol.iterator]();
        const { summary, has } = await runPlan(plan, new MemoryStore(), {
          jobs,
          pick: (running) => picks.next().value % running,
        });
        expect(summary).toMatchObject({ outcome: 'done', executed: edges.length, restored: 0 });
        expect(plan.nodes.map(({ index }) => has(index))).toEqual(
          plan.nodes.map(({ index }) => !plan.transient.has(index)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('are restored for nodes that need them, and otherwise only if a node ran and its bytes were evicted before that need was known', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ edges, gone, lost, order, jobs }) => {
        const plan = worldPlan(edges, gone);
        const store = new MemoryStore();
        const first = await runPlan(plan, store);
        const stale = new Set(plan.nodes.filter(({ index }) => lost(index)).map(({ index }) => index));
        for (const index of stale) store.lose(first.keys[index] as never);

        // Upstream of the stale nodes, as far as bytes are evicted.
        const again = new Set<number>();
        const early = new Set<number>();
        const open = [...stale];
        for (const index of open) {
          for (const source of edges[index] ?? []) {
            if (stale.has(source) || again.has(source) || !plan.transient.has(source)) continue;
            again.add(source);
            open.push(source);
          }
        }
        // That an up-to-date node has to be restored is found when a stale one downstream of it is about to run.
        for (const index of [...again])
          for (const source of edges[index] ?? []) if (stale.has(source)) early.add(source);
        for (const index of early) for (const source of edges[index] ?? []) early.add(source);
        const picks = order[Symbol.iterator]();
        const second = await runPlan(plan, store, { jobs, pick: (running) => picks.next().value % running });
        const ids = (indices: Iterable<number>) => [...indices].map((index) => plan.nodes[index]?.id).sort();
        expect([...second.executed].sort()).toEqual(ids(stale));
        const restored = new Set(second.restored);
        const maybe = new Set(ids([...early].filter((index) => !again.has(index))));
        expect([...restored].filter((id) => !maybe.has(id)).sort()).toEqual(ids(again));
        expect(second.outputs).toEqual(first.outputs);
        expect(plan.nodes.every(({ index }) => second.has(index) !== plan.transient.has(index))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('that a failed run leaves suffice to continue: nothing is restored', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ edges, gone, unlucky, order, jobs }) => {
        const plan = worldPlan(edges, gone);
        const store = new MemoryStore();
        const picks = order[Symbol.iterator]();
        const pick = (running: number) => picks.next().value % running;
        const failed = await runPlan(plan, store, { jobs, pick, fails: (node) => unlucky(node) === 0 });
        const resumed = await runPlan(plan, store, { jobs, pick });
        expect(resumed.summary).toMatchObject({ outcome: 'done', restored: 0 });
        const done = failed.events.filter(({ type }) => type === 'finished').length;
        expect(resumed.summary.executed).toBe(edges.length - done);
      }),
      { numRuns: 40 },
    );
  });
});

describe('bytes', () => {
  const [maker, reader] = [planStage('maker'), planStage('reader')];

  it('that two nodes share stay as long as one of them keeps its own', async () => {
    const plan = planOf(
      [
        { stage: maker, coordinates: { index: 0 } },
        { stage: maker, coordinates: { index: 1 } },
        { stage: reader, reads: ['maker/0'] },
      ],
      new Map([[0, ['out']]]),
    );
    const { has } = await runPlan(plan, new MemoryStore(), { jobs: 1, content: () => 'the same' });
    expect([0, 1].map(has)).toEqual([true, true]);
  });

  it('that a target publishes are restored when they are missing, though nothing is stale', async () => {
    const plan = planOf([{ stage: maker }, { stage: reader, reads: ['maker'] }], new Map([[0, ['out']]]));
    const store = new MemoryStore();
    const { outputs } = await runPlan(plan, store);
    await store.dropArtefacts([...(outputs[1] ?? [])]);
    const { summary, restored, has, events } = await runPlan(plan, store, { published: [1] });
    expect(summary).toMatchObject({ outcome: 'done', executed: 0, restored: 2, upToDate: 2 });
    expect(restored).toEqual(['maker', 'reader']);
    expect(has(1)).toBe(true);
    expect(events.find(({ type }) => type === 'restoring')).toEqual({
      type: 'restoring',
      nodes: ['reader', 'maker'],
      seconds: 2,
    });
  });

  it('are read as soon as they are there: of a chain, a few steps are kept at any time', async () => {
    const [train, look] = [planStage('train'), planStage('look')];
    const epochs = Array.from({ length: 30 }, (_, index) => index + 1);
    const plan = planOf(
      epochs.flatMap((epoch) => [
        { stage: train, coordinates: { epoch }, reads: epoch === 1 ? [] : [`train/${epoch - 1}`], chain: 'train' },
        { stage: look, coordinates: { epoch }, reads: [`train/${epoch}`] },
      ]),
      new Map(epochs.slice(0, -1).map((epoch) => [2 * (epoch - 1), ['out']])),
    );
    for (const jobs of [1, 2]) {
      const store = new MemoryStore();
      let most = 0;
      const count = (node: string) => {
        const kept = [...store.records()].filter(
          ({ stage, outputs }) => stage === 'train' && store.hasArtefact(outputs.out?.digest as ArtefactDigest),
        );
        most = Math.max(most, kept.length);
        return node;
      };
      const { summary } = await runPlan(plan, store, { jobs, content: count });
      expect(summary).toMatchObject({ outcome: 'done', executed: 60 });
      expect(most).toBeLessThanOrEqual(3);
    }
  });

  it('that cannot be restored end the run, and what needs them is skipped', async () => {
    const plan = planOf(
      [{ stage: maker }, { stage: reader, reads: ['maker'] }, { stage: planStage('last'), reads: ['reader'] }],
      new Map([[0, ['out']]]),
    );
    const store = new MemoryStore();
    const { keys } = await runPlan(plan, store);
    store.lose(keys[1] as never);
    store.lose(keys[2] as never);
    const { summary, events } = await runPlan(plan, store, { fails: (node) => node === 'maker' });
    expect(summary).toMatchObject({ outcome: 'failed', executed: 0, restored: 0, upToDate: 1, failed: 1, skipped: 2 });
    expect(events.filter(({ type }) => type === 'skipped')).toEqual([
      { type: 'skipped', node: 'reader', because: 'maker' },
      { type: 'skipped', node: 'last', because: 'maker' },
    ]);
  });
});
