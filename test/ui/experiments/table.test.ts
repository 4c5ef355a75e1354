import { describe, expect, it } from 'vitest';
import type { ExperimentRow } from '../../../src/engine/views/live/protocol.ts';
import { chosenColumns, columnsFor, filterRows, sortRows } from '../../../ui/views/experiments/table.ts';

const row = (
  run: string,
  lr: number | string,
  loss: number | string | undefined,
  part: Partial<ExperimentRow> = {},
): ExperimentRow => ({
  run,
  name: null,
  note: null,
  tags: [],
  state: 'done',
  reason: null,
  startedAt: '2026-11-29T10:00:00Z',
  seconds: 10,
  targets: ['fig5'],
  params: { 'fnn.lr': lr },
  metrics: loss === undefined ? {} : { loss: { last: loss, nodes: ['train/1'] } },
  figures: [],
  ...part,
});

const rows = [
  row('r1', 0.1, 0.5, { name: 'wide' }),
  row('r2', 0.01, 'NaN', { state: 'failed', seconds: 3 }),
  row('r3', 0.001, undefined, { note: 'with clipping' }),
  row('r10', 0.1, -1, { tags: ['paper'] }),
];
const columns = columnsFor(['fnn.lr'], ['loss']);
const runs = (list: readonly ExperimentRow[]) => list.map(({ run }) => run);

describe('filterRows', () => {
  it.each([
    ['', ['r1', 'r2', 'r3', 'r10']],
    ['lr>0.01', ['r1', 'r10']],
    ['lr<=0.01', ['r2', 'r3']],
    ['lr=0.1 loss<0', ['r10']],
    ['state=failed', ['r2']],
    ['state!=failed', ['r1', 'r3', 'r10']],
    ['loss>=-10', ['r1', 'r10']],
    ['loss!=0.5', ['r2', 'r3', 'r10']],
    ['param:fnn.lr=0.01', ['r2']],
    ['CLIPPING', ['r3']],
    ['paper', ['r10']],
    ['nothing', []],
    ['unknown>3', []],
  ])('"%s" gives %j', (filter, expected) => {
    expect(runs(filterRows(rows, columns, filter))).toEqual(expected);
  });
});

describe('sortRows', () => {
  it('has rows without a number last, in both directions', () => {
    expect(runs(sortRows(rows, columns, 'metric:loss'))).toEqual(['r10', 'r1', 'r2', 'r3']);
    expect(runs(sortRows(rows, columns, '-metric:loss'))).toEqual(['r1', 'r10', 'r2', 'r3']);
  });

  it('keeps the order of equal rows, and numbers in names in their order', () => {
    expect(runs(sortRows(rows, columns, 'param:fnn.lr'))).toEqual(['r3', 'r2', 'r1', 'r10']);
    expect(runs(sortRows(rows.slice(1), columns, 'name'))).toEqual(['r2', 'r3', 'r10']);
  });

  it('leaves rows as they are without a known column', () => {
    expect(sortRows(rows, columns, 'nothing')).toBe(rows);
    expect(sortRows(rows, columns, undefined)).toBe(rows);
  });
});

it('shows the usual columns with params and metrics, or those that are chosen', () => {
  const ids = (chosen: string | undefined, list = rows) => chosenColumns(columns, chosen, list).map(({ id }) => id);
  expect(ids(undefined)).toEqual(['name', 'state', 'started', 'seconds', 'param:fnn.lr', 'metric:loss']);
  expect(ids(undefined, [row('r', 1, 1, { reason: 'it fell' })])).toContain('reason');
  expect(ids('metric:loss,note')).toEqual(['note', 'metric:loss']);
});
