import { expect, it } from 'vitest';
import type { RunRecord } from '../../../../src/engine/store/store.ts';
import { temporaryFolder, temporaryStore } from '../fixtures.ts';

const record = (id: string): RunRecord => ({
  id,
  startedAt: '2026-01-02T03:04:05.000Z',
  command: [],
  profile: null,
  targets: [],
  state: 'running',
  seconds: 0,
  counts: {},
});

it('what is said about a run stays when its record is written again, and goes with it', async () => {
  const folder = temporaryFolder();
  const store = temporaryStore(folder);
  const labels = (of = store) => [...of.runs()].map(({ id, label }) => [id, label]);
  await store.putRun(record('1'));
  await store.putRun(record('10'));
  await store.putLabel('1', { name: 'wide', tags: ['a'] });
  await store.putRun({ ...record('1'), state: 'done', label: { name: 'not this one' } });
  expect(labels(temporaryStore(folder))).toEqual([
    ['10', undefined],
    ['1', { name: 'wide', tags: ['a'] }],
  ]);
  await store.putLabel('10', { note: 'n' });
  await store.putLabel('10', { tags: [] });
  expect(labels()[0]).toEqual(['10', undefined]);
  await store.forgetRun('1');
  await store.putRun(record('1'));
  expect(labels()[1]).toEqual(['1', undefined]);
});
