import { expect, it } from 'vitest';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import { failedAttempt, temporaryFolder, temporaryStore } from '../fixtures.ts';

const [a, long] = ['a', `b/${'x'.repeat(2000)}`] as [NodeId, NodeId];

it('failures are kept by run, node and attempt, also after the store was opened again', async () => {
  const folder = temporaryFolder();
  const store = temporaryStore(folder);
  const first = failedAttempt(a, { log: 'x'.repeat(65536) });
  const second = failedAttempt(a, { attempt: 2, startedAt: '2026-01-02T03:04:06.000Z', diagnostic: { fact: 'again' } });
  await store.putFailures('run 1', [first, failedAttempt(long)]);
  await store.putFailures('run 1', [second]);
  // An id that begins with that of the run.
  await store.putFailures('run 10', [failedAttempt(a)]);
  const reopened = temporaryStore(folder);
  expect(reopened.failures('run 1', a)).toEqual([first, second]);
  expect(reopened.failures('run 1', long)).toEqual([failedAttempt(long)]);
  expect(reopened.failures('run 2', a)).toEqual([]);
  expect(reopened.lastFailure(a)).toMatchObject({ run: 'run 10', attempt: 1 });
});

it('failures go with their run; that the node has failed is still known', async () => {
  const store = temporaryStore();
  await store.putFailures('run 1', [failedAttempt(a)]);
  await store.putFailures('run 10', [failedAttempt(a)]);
  await store.forgetRun('run 1');
  expect(store.failures('run 1', a)).toEqual([]);
  expect(store.failures('run 10', a)).toEqual([failedAttempt(a)]);
  await store.forgetRun('run 10');
  expect(store.lastFailure(a)).toMatchObject({ run: 'run 10', diagnostic: { fact: 'a threw' } });
});
