import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delta, Overview, StageMatrix } from '../../../src/engine/views/live/protocol.ts';
import { columnsOf, mergeColumns, mergeMetrics, mergeOverview } from '../../../ui/data/merge.ts';

const delta = (part: Partial<Delta>): Delta => ({
  head: { state: 'running' } as Delta['head'],
  stages: [],
  nodes: { index: [], states: '', seconds: [] },
  running: [],
  lanes: [],
  attempts: 0,
  node: null,
  ...part,
});

describe('mergeOverview', () => {
  const overview = {
    head: { state: 'running' },
    stages: [
      { name: 'a', counts: [2], meanSeconds: null },
      { name: 'b', counts: [5], meanSeconds: 1 },
    ],
    lanes: [{ worker: 1, executor: null, host: null }],
    running: [],
  } as unknown as Overview;

  it('changes the stages that the delta names, and keeps the others as they are', () => {
    const merged = mergeOverview(overview, delta({ stages: [{ stage: 1, counts: [4, 1], meanSeconds: 2 }] }));
    expect(merged.stages[0]).toBe(overview.stages[0]);
    expect(merged.stages[1]).toMatchObject({ name: 'b', counts: [4, 1], meanSeconds: 2 });
    expect(merged.lanes).toBe(overview.lanes);
  });

  it('keeps the list of stages when none of them changed', () => {
    expect(mergeOverview(overview, delta({})).stages).toBe(overview.stages);
  });
});

describe('mergeColumns', () => {
  it('gives what a matrix loaded later would have', () => {
    const digit = fc.nat(8);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(500), { minLength: 1 }).map((list) => list.sort((a, b) => a - b)),
        fc.uniqueArray(fc.tuple(fc.nat(500), digit, fc.option(fc.double({ min: 0, noNaN: true }))), {
          selector: ([node]) => node,
        }),
        (index, changes) => {
          const matrix = { states: '0'.repeat(index.length), seconds: index.map(() => null) } as unknown as StageMatrix;
          const columns = columnsOf(matrix);
          const sorted = [...changes].sort(([a], [b]) => a - b);
          const changed = mergeColumns(
            columns,
            index,
            delta({
              nodes: {
                index: sorted.map(([node]) => node),
                states: sorted.map(([, state]) => state).join(''),
                seconds: sorted.map(([, , seconds]) => seconds),
              },
            }),
          );
          const news = new Map(changes.map(([node, state, seconds]) => [node, { state, seconds }]));
          expect(changed).toBe(index.filter((node) => news.has(node)).length);
          expect([...columns.states]).toEqual(index.map((node) => news.get(node)?.state ?? 0));
          expect([...columns.seconds]).toEqual(index.map((node) => news.get(node)?.seconds ?? Number.NaN));
        },
      ),
    );
  });
});

describe('mergeMetrics', () => {
  const known = [{ name: 'loss', count: 2, min: 1, max: 2, steps: [1, 2], times: [0, 0], values: [2, 1] }];

  it('adds newer values and new metrics, and no value twice', () => {
    const merged = mergeMetrics(known, [
      { name: 'loss', step: 3, value: 0.5 },
      { name: 'loss', step: 2, value: 1 },
      { name: 'accuracy', step: 3, value: 'NaN' },
    ]);
    expect(merged.map(({ name, steps, values, count }) => ({ name, steps, values, count }))).toEqual([
      { name: 'loss', steps: [1, 2, 3], values: [2, 1, 0.5], count: 3 },
      { name: 'accuracy', steps: [3], values: ['NaN'], count: 1 },
    ]);
    expect(merged[0]).toMatchObject({ min: 0.5, max: 2 });
    expect(mergeMetrics(merged, [{ name: 'loss', step: 3, value: 0.5 }])[0]).toBe(merged[0]);
  });

  it('is the same list when nothing is new', () => {
    expect(mergeMetrics(known, [])).toBe(known);
  });
});
