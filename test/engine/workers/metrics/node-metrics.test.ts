import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MetricValue } from '../../../../src/engine/store/metric-series.ts';
import { NodeMetrics } from '../../../../src/engine/workers/metrics/node-metrics.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function begun() {
  const told: (readonly MetricValue[])[] = [];
  const warnings: string[] = [];
  const metrics = new NodeMetrics({
    tell: (values) => told.push(values),
    warn: (message) => warnings.push(message),
    mask: (name) => name.replaceAll('hunter2', '***'),
  });
  return { metrics, told, warnings };
}

describe('the metrics of a node', () => {
  it('are counted from 0 where they name no step, each by its name', () => {
    const { metrics, warnings } = begun();
    metrics.add('loss', 2, undefined, 5);
    metrics.add('accuracy', 0.5, 40, 6);
    metrics.add('loss', Number.NaN, undefined, 7);
    metrics.add('loss', Number.NEGATIVE_INFINITY, 9, 8);
    metrics.add('loss', 1, undefined, 9);
    expect(metrics.series()).toEqual([
      {
        name: 'loss',
        count: 4,
        min: '-Infinity',
        max: 2,
        steps: [0, 1, 9, 3],
        times: [5, 7, 8, 9],
        values: [2, 'NaN', '-Infinity', 1],
      },
      { name: 'accuracy', count: 1, min: 0.5, max: 0.5, steps: [40], times: [6], values: [0.5] },
    ]);
    expect(warnings).toEqual([]);
  });

  it.each<[string, unknown, unknown, unknown]>([
    ['the name', '', 1, 0],
    ['the name', 'x'.repeat(201), 1, 0],
    ['the name', 7, 1, 0],
    ['the name', undefined, 1, 0],
    ['a value', 'loss', '1', 0],
    ['a value', 'loss', 1n, 0],
    ['a value', 'loss', new Float32Array(1), 0],
    ['a value', 'loss', undefined, 0],
    ['a step', 'loss', 1, -1],
    ['a step', 'loss', 1, 0.5],
    ['a step', 'loss', 1, 2 ** 53],
    ['a step', 'loss', 1, '3'],
    ['a step', 'loss', 1, null],
  ])('leave out what is none, and warn once: %s', (what, name, value, step) => {
    const { metrics, warnings } = begun();
    metrics.add(name, value, step);
    metrics.add(name, value, step);
    metrics.end();
    expect(metrics.series()).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(what)]);
  });

  it('never throw, whatever a stage passes', () => {
    const { metrics, warnings } = begun();
    const hostile = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error('no');
        },
      },
    );
    metrics.add(hostile, hostile, hostile);
    metrics.add('loss', hostile);
    metrics.add('loss', 1, hostile);
    expect(warnings).toHaveLength(3);
  });

  it('have at most a thousand names and 65,536 points and a last one each', () => {
    const { metrics, warnings } = begun();
    for (let round = 0; round < 70; round++) {
      for (let name = 0; name < 1001; name++) metrics.add(`m${name}`, round);
    }
    const series = metrics.series();
    expect(series.map(({ name }) => name)).toEqual(Array.from({ length: 1000 }, (_, index) => `m${index}`));
    const kept = [...Array.from({ length: 35 }, (_, index) => 2 * index), 69];
    for (const each of series) expect(each).toMatchObject({ count: 70, steps: kept, values: kept });
    expect(warnings).toEqual([expect.stringContaining('"m1000"')]);
  });

  it('show no value of a secret in a name', () => {
    const { metrics, told } = begun();
    metrics.add('loss of hunter2', 1);
    expect(metrics.series().map(({ name }) => name)).toEqual(['loss of ***']);
    expect(told.flat()).toEqual([{ name: 'loss of ***', step: 0, value: 1 }]);
  });

  it('are told four times a second, the newest value of each, and at the end what was not told', () => {
    const { metrics, told } = begun();
    for (let step = 0; step < 1000; step++) {
      metrics.add('loss', step);
      metrics.add('accuracy', -step);
      vi.advanceTimersByTime(1);
    }
    const losses = told.map((values) => values.find(({ name }) => name === 'loss')?.step);
    expect(losses).toEqual([0, 250, 500, 750]);
    metrics.end();
    metrics.end();
    expect(told).toHaveLength(5);
    expect(told.at(-1)).toEqual([
      { name: 'accuracy', step: 999, value: -999 },
      { name: 'loss', step: 999, value: 999 },
    ]);
  });

  it('wait their turn where there are many', () => {
    const { metrics, told } = begun();
    const seen = new Set<string>();
    for (let round = 0; round < 12; round++) {
      for (let name = 0; name < 1000; name++) metrics.add(`m${name}`, round);
      vi.advanceTimersByTime(250);
    }
    for (const values of told) {
      expect(values.length).toBeLessThanOrEqual(100);
      for (const { name } of values) seen.add(name);
    }
    expect(seen.size).toBe(1000);
  });
});
