import { describe, expect, it } from 'vitest';
import type { NodeKey } from '../../../src/engine/base/digest.ts';
import type { PlanNode } from '../../../src/engine/plan/plan.ts';
import { inputNodes } from '../../../src/engine/plan/sources.ts';
import type { RunEvent } from '../../../src/engine/run/events.ts';
import { RunLoop } from '../../../src/engine/run/run-loop.ts';
import { type Cut, describeCut } from '../../../src/engine/staleness/cut.ts';
import { nodesThatMayBeCut } from '../../../src/engine/staleness/may-be-cut.ts';
import type { RunRequest } from '../../../src/engine/staleness/subjects.ts';
import { survey } from '../../../src/engine/staleness/survey.ts';
import { stateJson } from '../../../src/engine/views/explain/state-json.ts';
import { plan as planOf } from '../plan/plans.ts';
import { FakePool } from './fake-pool.ts';
import { MemoryStore } from './memory-store.ts';

/** The content of a node ends with what it reports as `m`. */
const LOSSES: Readonly<Record<string, string>> = { a: '3', b: '1', c: '2', d: '4' };

function requestOf(
  stop: string,
  { chains = 'abcd', targets }: { chains?: string; targets?: readonly string[] } = {},
): RunRequest {
  const text = `
stages:
  start: {run: s.ts, each: {chain: [${[...chains].join(', ')}]}, outputs: {o: bytes}}
  train:
    run: s.ts
    each: {chain: [${[...chains].join(', ')}]}
    scan: {step: {to: 4}, carry: {o: start.o}}
    outputs: {o: bytes}
    retain: none
    stop: ${stop}
  last: {run: s.ts, each: {chain: [${[...chains].join(', ')}]}, inputs: {o: "train.o[step=4]"}, outputs: {o: bytes}}
  all: {run: s.ts, inputs: {o: "last.o[chain=*]"}, outputs: {o: bytes}}
  ends: {run: s.ts, inputs: {o: "train.o[chain=*, step=last]"}, outputs: {o: bytes}}
targets: {all: [all]}
`;
  const plan = planOf(text, targets);
  const fingerprints = new Map(plan.nodes.map(({ stage }) => [stage, `${stage.name} code` as never]));
  return {
    plan,
    fingerprints,
    compute: { backend: 'cpu', version: '1', threads: 1 },
    engine: 'V8 11.3',
    environment: {},
    forced: new Set<string>(),
  };
}

async function run(request: RunRequest, store: MemoryStore) {
  const events: RunEvent[] = [];
  const pool = new FakePool(store, 2, ({ node, coordinates }) => `${node} ${LOSSES[String(coordinates.chain)] ?? '0'}`);
  const loop = new RunLoop(request, store, pool, {
    jobs: 2,
    capacity: { threads: 64, memoryBytes: 1e12, gpus: 0 },
    keepGoing: true,
    wanted: [],
    listener: (event) => events.push(event),
  });
  const summary = await loop.run();
  const cuts = Object.fromEntries(
    loop.state.ledger
      .nodesThatAre('cut short')
      .map(({ id, index }) => [id as string, describeCut(loop.state.known.outputs[index] as Cut)]),
  );
  const keyOf = (id: string) =>
    loop.state.ledger.keys[request.plan.nodes.findIndex((node) => node.id === id)] as NodeKey;
  return { summary, events, executed: [...pool.names()].sort(), cuts, keyOf, state: loop.state };
}

const HALVING = '{metric: m, best: min, rungs: [1, 2], factor: 2}';

describe('chains', () => {
  it('end at rungs, and with them what reads their later steps; a gather takes what is left', async () => {
    const request = requestOf(HALVING);
    const store = new MemoryStore();
    const before = survey(request, store);
    // The upper bound is the whole plan: 4 starts, 16 steps, 4 last ones, 1 gather; all that is behind the first rung may be cut.
    expect(nodesThatMayBeCut(before).size).toBe(12 + 4 + 1);
    const { summary, cuts, executed, state } = await run(request, store);
    expect(summary).toMatchObject({
      outcome: 'done',
      executed: 4 + 4 + 2 + 2 + 1 + 1,
      cutShort: 6 + 2 + 3,
      skipped: 0,
    });
    expect(executed.filter((id) => id.startsWith('last'))).toEqual(['last/b']);
    expect(cuts['train/a/2']).toBe('train/a/1 is the last step: its m of 3 is number 3 of 4, and 2 go on');
    expect(cuts['last/a']).toBe(cuts['train/a/2']);
    expect(cuts['train/c/4']).toBe('train/c/2 is the last step: its m of 2 is number 2 of 2, and 1 goes on');
    const gather = state.known.subject(request.plan.nodes.at(-1) as never).inputs[0];
    expect(gather).toMatchObject({ kind: 'many', items: [{ coordinates: { chain: 'b' } }] });

    const after = survey(request, store);
    expect(after.filter(({ state: each }) => each === 'cutShort')).toHaveLength(11);
    expect(nodesThatMayBeCut(after).size).toBe(0);
    expect(stateJson(after.find(({ node }) => node.id === 'train/d/2') as never)).toEqual({
      node: 'train/d/2',
      state: 'cutShort',
      after: 'train/d/1',
      reason: { rule: 'halving', metric: 'm', value: 4, rank: 4, chains: 4, kept: 2 },
    });
    const again = await run(request, store);
    expect(again).toMatchObject({ executed: [], summary: { outcome: 'done', executed: 0, cutShort: 11 } });
  });

  it('go on where they were cut short when others are compared with them, from the bytes that they had', async () => {
    const store = new MemoryStore();
    const first = await run(requestOf(HALVING, { chains: 'abc' }), store);
    expect(first.executed.filter((id) => id.startsWith('train/a'))).toEqual(['train/a/1']);
    // The bytes of its last step stay, though "retain" keeps none: its next step may come.
    expect(store.hasArtefact(store.record(first.keyOf('train/a/1'))?.outputs.o?.digest as never)).toBe(true);
    const other = await run(requestOf('{metric: m, best: max, rungs: [1, 2], factor: 2}', { chains: 'abc' }), store);
    expect(other.summary).toMatchObject({ outcome: 'done', restored: 0 });
    expect(other.executed.filter((id) => !id.startsWith('all'))).toEqual([
      'last/a',
      'train/a/2',
      'train/a/3',
      'train/a/4',
    ]);
    expect(Object.keys(other.cuts)).toContain('train/b/2');
  });

  it('need their rivals, whatever is asked for', async () => {
    const { executed, cuts } = await run(requestOf(HALVING, { targets: ['last/a'] }), new MemoryStore());
    expect(executed.filter((id) => id.startsWith('train'))).toEqual([
      'train/a/1',
      'train/b/1',
      'train/b/2',
      'train/c/1',
      'train/c/2',
      'train/d/1',
    ]);
    expect(cuts['last/a']).toMatch(/^train\/a\/1 is the last step/);
  });

  it('are read at their last steps by [step=last], wherever those are', async () => {
    const ends = { targets: ['ends'] };
    const request = requestOf(HALVING, ends);
    const store = new MemoryStore();
    const endsOf = ({ plan: { nodes } }: RunRequest) => nodes.find(({ stage }) => stage.name === 'ends') as PlanNode;
    const readBy = async (each: RunRequest) => {
      const { state, summary, executed } = await run(each, store);
      expect(summary).toMatchObject({ outcome: 'done', failed: 0, skipped: 0, restored: 0 });
      const [input] = state.known.subject(endsOf(each)).inputs;
      const items = input?.kind === 'many' ? input.items : [];
      expect(items.map(({ digest }) => digest)).toEqual(
        state.known.sourcesOf(endsOf(each)).map(({ node }) => state.known.madeBy(state.nodes[node] as PlanNode)[0]),
      );
      return { steps: items.map(({ coordinates }) => Object.values(coordinates).join('/')), executed };
    };
    expect(inputNodes(endsOf(request)).map((index) => request.plan.nodes[index]?.coordinates.step)).toEqual(
      // Only these may be the last ones.
      [1, 2, 4, 1, 2, 4, 1, 2, 4, 1, 2, 4],
    );
    expect((await readBy(request)).steps).toEqual(['a/1', 'b/4', 'c/2', 'd/1']);
    // Bytes that only steps in between have are gone; those of last steps stay.
    const other = await readBy(requestOf('{metric: m, best: min, rungs: [2], factor: 4}', ends));
    expect(other).toEqual({ steps: ['a/2', 'b/4', 'c/2', 'd/2'], executed: ['ends', 'train/a/2', 'train/d/2'] });
    const without = requestOf('{metric: m, above: 9, from: 4}', ends);
    expect(inputNodes(endsOf(without))).toHaveLength(4);
    expect((await readBy(without)).steps).toEqual(['a/4', 'b/4', 'c/4', 'd/4']);
  });

  it('end by a bound, and without improvement', async () => {
    const bound = await run(requestOf('{metric: m, above: 2, from: 2}'), new MemoryStore());
    expect(bound.cuts['train/a/3']).toBe('train/a/2 is the last step: its m of 3 is above 2');
    expect(Object.keys(bound.cuts).filter((id) => id.startsWith('last'))).toEqual(['last/a', 'last/d']);
    const patience = await run(requestOf('{metric: m, best: min, patience: 2}'), new MemoryStore());
    expect(patience.cuts['train/b/4']).toBe('train/b/3 is the last step: its m was best at step 1 (1), 2 steps before');
    // Nothing is left for the gather.
    expect(patience.cuts.all).toBe(patience.cuts['last/a']);
  });
});

describe('a metric that decides', () => {
  it('has to be reported: the node fails by name, and runs again until it is', async () => {
    const request = requestOf('{metric: other, above: 1, from: 2}', { targets: ['train/a', 'train/b'] });
    const store = new MemoryStore();
    for (const executed of [6, 2]) {
      const { summary, events } = await run(request, store);
      expect(summary).toMatchObject({ outcome: 'failed', failed: 2, misconfigured: 2, skipped: 4 });
      expect(events.filter(({ type }) => type === 'started')).toHaveLength(executed);
      const failed = events.find((event) => event.type === 'failed');
      expect(failed).toMatchObject({
        node: 'train/a/2',
        cause: 'usage',
        diagnostic: {
          fact: 'it has reported no value of "other", by which "stop" decides whether its chain goes on',
          fix: 'report one in each step, by metric(name, value), or correct the name in "stop"',
        },
      });
    }
  });

  it('makes its node run again where the record has none', async () => {
    const request = requestOf(HALVING);
    const store = new MemoryStore();
    const { keyOf, cuts } = await run(request, store);
    store.loseMetrics(keyOf('train/c/1'));
    const state = survey(request, store).find(({ node }) => node.id === 'train/c/1');
    expect(state).toMatchObject({ state: 'stale', reason: { rule: 'metrics', missing: ['m'] } });
    const again = await run(request, store);
    expect(again.executed).toEqual(['train/c/1']);
    expect(again.summary).toMatchObject({ outcome: 'done', failed: 0 });
    expect(again.cuts).toEqual(cuts);
  });
});
