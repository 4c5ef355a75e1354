import { expect, it } from 'vitest';
import type { JsonObject } from '../../../../../src/engine/base/json.ts';
import { openTracking } from '../../../../../src/engine/views/metrics/mlflow/tracking.ts';

/** A server that notes what it was asked. `answers` has the answers by path, of several calls in order. */
function serverOf(answers: Readonly<Record<string, readonly (JsonObject | undefined)[]>>) {
  const asked: { readonly path: string; readonly body: JsonObject }[] = [];
  const call = async (_method: string, path: string, body: JsonObject) => {
    const before = asked.filter((each) => each.path === path).length;
    asked.push({ path, body });
    const known = answers[path];
    return known ? known[Math.min(before, known.length - 1)] : {};
  };
  return { asked, call };
}

const there = { experiment: { experiment_id: '7', lifecycle_stage: 'active' } };

it('a long series is divided into requests that the server takes', async () => {
  const { asked, call } = serverOf({ 'experiments/get-by-name': [there] });
  const tracking = await openTracking(call, 'x');
  const points = Array.from({ length: 2501 }, (_, step) => ({ key: 'loss', value: step, step, timestamp: 5 }));
  const params = Object.fromEntries(Array.from({ length: 205 }, (_, index) => [`p${index}`, 'v']));
  await tracking.log('r', params, points);
  const batches = asked.slice(1).map(({ body }) => body as { params?: object[]; metrics?: object[] });
  expect(batches.map((batch) => [batch.params?.length ?? 0, batch.metrics?.length ?? 0])).toEqual([
    [100, 0],
    [100, 0],
    [5, 0],
    [0, 1000],
    [0, 1000],
    [0, 501],
  ]);
  expect(batches.flatMap(({ metrics = [] }) => metrics)).toEqual(points);
});

it('all pages of a search are read', async () => {
  const page = (id: string, next?: string) => ({
    runs: [{ info: { run_id: id }, data: { tags: [{ key: 'vmfdag.run', value: 'r' }] } }],
    ...(next === undefined ? {} : { next_page_token: next }),
  });
  const { asked, call } = serverOf({
    'experiments/get-by-name': [there],
    'runs/search': [page('a', 't1'), page('b', 't2'), page('c')],
  });
  const found = await (await openTracking(call, 'x')).runsWith('vmfdag.run', 'r');
  expect(found.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(asked.map(({ body }) => body.page_token)).toEqual([undefined, undefined, 't1', 't2']);
});

it('a missing experiment is created, and a deleted one is named', async () => {
  const missing = serverOf({
    'experiments/get-by-name': [undefined],
    'experiments/create': [{ experiment_id: '9' }],
    'runs/create': [{ run: { info: { run_id: 'new' } } }],
  });
  const tracking = await openTracking(missing.call, 'x');
  expect(await tracking.create({ name: 'n', startTime: 1, tags: { a: 'b' } })).toBe('new');
  expect(missing.asked.at(-1)?.body).toEqual({
    experiment_id: '9',
    run_name: 'n',
    start_time: 1,
    tags: [{ key: 'a', value: 'b' }],
  });
  const deleted = serverOf({
    'experiments/get-by-name': [{ experiment: { experiment_id: '7', lifecycle_stage: 'deleted' } }],
  });
  await expect(openTracking(deleted.call, 'x')).rejects.toThrow(/"x" of the tracking server is deleted[\s\S]*restore/);
});
