import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeKey } from '../../../../src/engine/base/digest.ts';
import { decodeMetrics, encodeMetrics } from '../../../../src/engine/store/lmdb/metrics.ts';
import { type MetricSeries, metricNumber } from '../../../../src/engine/store/metric-series.ts';
import { commitOf, content, temporaryFolder, temporaryStore } from '../fixtures.ts';

const number = fc.double().map(metricNumber);
const count = fc.maxSafeNat();
const series: fc.Arbitrary<MetricSeries> = fc
  .record({
    name: fc.string({ unit: 'binary' }),
    count,
    min: number,
    max: number,
    points: fc.array(fc.tuple(count, count, number)),
  })
  .map(({ points, ...head }) => ({
    ...head,
    steps: points.map(([step]) => step),
    times: points.map(([, time]) => time),
    values: points.map(([, , value]) => value),
  }));

it('every series comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(series, { minLength: 1 }), (metrics) => {
      // JSON knows no -0 as the least or greatest value.
      const plain = (each: MetricSeries) => ({ ...each, min: Number(each.min) + 0, max: Number(each.max) + 0 });
      expect(decodeMetrics(encodeMetrics(metrics) as Buffer).map(plain)).toEqual(metrics.map(plain));
    }),
  );
});

it('a loss of float32 takes less than five bytes for a value with its step and time', () => {
  const steps = Array.from({ length: 1024 }, (_, index) => 2 * index);
  let time = 1764400000000;
  const loss: MetricSeries = {
    name: 'loss',
    count: 2048,
    min: 0,
    max: 3,
    steps,
    times: steps.map((step) => {
      time += 9 + (step % 6);
      return time;
    }),
    values: steps.map((step) => Math.fround(2.3 * Math.exp(-step / 900) + 0.2 * Math.sin(step * step))),
  };
  expect((encodeMetrics([loss]) as Buffer).length / steps.length).toBeLessThan(5);
});

describe('the store', () => {
  const loss: MetricSeries = {
    name: 'loss',
    count: 2,
    min: 1,
    max: 'NaN',
    steps: [0, 1],
    times: [5, 6],
    values: [1, 'NaN'],
  };
  const again: MetricSeries = { ...loss, count: 1, steps: [0], times: [5], values: [1] };

  it('keeps the metrics of the commit that the record is of', async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const first = commitOf('train/1', { weights: content(9) });
    const { key } = first.record;
    await store.commit({ ...first, metrics: [loss] });
    expect(temporaryStore(folder).metrics(key)).toEqual([loss]);
    // A restoration leaves the record as it is.
    await store.restore({ ...first, metrics: [again] });
    expect(store.metrics(key)).toEqual([loss]);
    await store.commit({ ...first, metrics: [again] });
    expect(store.metrics(key)).toEqual([again]);
    await store.commit(first);
    expect(store.metrics(key)).toEqual([]);
  });

  it('removes them with the record, and takes them over with it', async () => {
    const store = temporaryStore();
    const first = commitOf('train/1', { weights: content(9) });
    const { key } = first.record;
    await store.commit({ ...first, metrics: [loss] });
    const other = `${'0'.repeat(63)}1` as NodeKey;
    const note = {
      from: key,
      engine: 'V8 1',
      compute: null,
      audited: [],
      seed: 1,
      run: 'r',
      at: '2026-01-01T00:00:00Z',
    };
    await store.adopt([{ ...first.record, key: other, adopted: note }]);
    expect(store.metrics(other)).toEqual([loss]);
    await store.inspection.removeResults([key], 'traces');
    expect(store.metrics(key)).toEqual([loss]);
    await store.inspection.removeResults([key], 'records and traces');
    expect(store.metrics(key)).toEqual([]);
    expect(store.metrics(other)).toEqual([loss]);
  });
});
