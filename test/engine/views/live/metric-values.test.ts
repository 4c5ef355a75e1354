import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { NodeKey } from '../../../../src/engine/base/digest.ts';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import type { MetricSeries } from '../../../../src/engine/store/metric-series.ts';
import type { Attempt } from '../../../../src/engine/store/run-manifest.ts';
import { metricValue, metricValues } from '../../../../src/engine/views/live/metric-values.ts';
import { STATES } from '../../../../src/engine/views/live/protocol.ts';
import { nodeTable } from '../../../../src/engine/views/live/run/node-table.ts';
import { RunStates } from '../../../../src/engine/views/live/run/run-states.ts';
import { type RunView, versionOf } from '../../../../src/engine/views/live/run/run-view.ts';
import { mergeValues } from '../../../../ui/data/merge.ts';

const NODES = 8;
const ids = Array.from({ length: NODES }, (_, index) => `${index % 2 === 0 ? 'a' : 'b'}/${index}` as NodeId);
const STAGE = 'a';

/** A run whose nodes report `loss`, and a store in which their keys are found some time after they have ended. */
class SimulatedRun {
  readonly table = nodeTable(ids, undefined);
  readonly states = new RunStates(this.table, 2, {}, () => 1);
  readonly keys = new Map<string, NodeKey>();
  readonly unwritten = new Map<string, NodeKey>();
  readonly records = new Map<NodeKey, number>();
  version = 0;
  readonly store = {
    lastKey: (id: NodeId) => this.keys.get(id),
    metrics: (key: NodeKey) => [{ name: 'loss', values: [this.records.get(key)] } as unknown as MetricSeries],
  };
  readonly view: RunView = {
    run: undefined,
    state: 'running',
    table: this.table,
    states: this.states,
    manifest: undefined,
    live: undefined,
    keyOf: (index, store) =>
      STATES[this.states.states[index] ?? 0] === 'executed' ? store.lastKey(ids[index] as NodeId) : undefined,
  };

  start(node: number): void {
    const started = [{ node, attempt: 1, worker: 1, start: 1, reason: 'never run' }];
    this.states.apply({ at: 0, started }, ++this.version, 0);
  }

  report(node: number, value: number): void {
    this.states.pulse({ at: 0, nodes: [{ node, values: [{ name: 'loss', value, step: this.version }] }] });
  }

  end(node: number, value: number): void {
    const key = `key ${this.version}` as NodeKey;
    this.records.set(key, value);
    this.unwritten.set(ids[node] as string, key);
    const attempt: Attempt = { node, attempt: 1, worker: 1, start: 1, end: 2, seconds: 1, outcome: 'executed' };
    this.states.apply({ at: 0, ended: [attempt], decided: { executed: [node, node] } }, ++this.version, 0);
  }

  writeKeys(): void {
    for (const [id, key] of this.unwritten) this.keys.set(id, key);
    this.unwritten.clear();
  }
}

it('a page that asks for what has changed has in the end what one has that loads all, whenever it asked', () => {
  const step = fc.record({
    what: fc.constantFrom('start', 'report', 'end', 'write', 'ask'),
    node: fc.nat(NODES - 1),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const run = new SimulatedRun();
      // Of an earlier run.
      for (const id of ids.slice(0, 4)) run.keys.set(id, 'old' as NodeKey);
      const { index } = { index: run.table.stages.find(({ name }) => name === STAGE)?.nodes ?? [] };
      const page = new Float64Array(index.length).fill(Number.NaN);
      let since = versionOf(run.view);
      const ask = () => {
        const news = metricValues(run.view, STAGE, 'loss', since, run.store);
        mergeValues(page, index, news);
        since = news.versionId;
      };
      for (const { what, node, value } of steps) {
        if (what === 'start') run.start(node);
        else if (what === 'report') run.report(node, value);
        else if (what === 'end') run.end(node, value);
        else if (what === 'write') run.writeKeys();
        else ask();
      }
      run.writeKeys();
      ask();
      const whole = index.map((node) => metricValue(run.view, node, 'loss', run.store) ?? Number.NaN);
      expect([...page]).toEqual(whole);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

it('only what may have changed is told', () => {
  const run = new SimulatedRun();
  for (const node of [0, 2]) {
    run.start(node);
    run.end(node, node);
  }
  run.writeKeys();
  const first = metricValues(run.view, STAGE, 'loss', 'now:0', run.store);
  expect(first).toMatchObject({ index: [0, 2], values: [0, 2] });
  run.start(4);
  run.report(4, 7);
  run.start(1);
  expect(metricValues(run.view, STAGE, 'loss', first.versionId, run.store)).toMatchObject({ index: [4], values: [7] });
  // A page of another run has nothing.
  expect(metricValues(run.view, STAGE, 'loss', 'other:1', run.store).index).toEqual([0, 2, 4, 6]);
});
