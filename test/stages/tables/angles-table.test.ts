import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { arrow } from '../../../src/engine/stage/codecs/arrow.ts';
import { randomStream, type Tensors } from '../../../src/engine/stage/index.ts';
import angles from '../../../stages/tables/angles-table.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { gatheredAt } from '../gathered-at.ts';

const metrics = (value: number) => ({ examples: 100, loss: 1, accuracy: value });

describe('angles-table', () => {
  const dimension = 10_000;
  const deviation = 180 / Math.PI / Math.sqrt(dimension);
  /** Cosines of angles that are normal about 90 − shift degrees. */
  const sample = (seed: number, shift: number, count = 2000): Tensors => {
    const random = randomStream(seed, 'angles of a test');
    const projections = Float64Array.from({ length: count }, () =>
      Math.cos(((90 - shift + deviation * random.normal()) * Math.PI) / 180),
    );
    return {
      projections: { shape: [count], data: projections },
      dimension: { shape: [1], data: Int32Array.of(dimension) },
    };
  };
  const params = { architecture: 'fnn', dimensions: [1e5, 2e6] };
  const projections = [
    gatheredAt('fnn', 1, 0, sample(1, 1)),
    gatheredAt('fnn', 2, 0, sample(2, -1)),
    gatheredAt('fnn', 1, 2, sample(3, 0)),
    gatheredAt('fnn', 2, 2, sample(4, 0)),
    gatheredAt('cnn', 1, 9, sample(5, 0)),
  ];
  const training = [
    gatheredAt('fnn', 1, 0, metrics(0.1)),
    gatheredAt('fnn', 1, 2, metrics(0.998)),
    gatheredAt('fnn', 2, 2, metrics(1)),
    gatheredAt('cnn', 1, 9, metrics(0.5)),
  ];
  type Row = Record<string, string | number | null>;
  const rowsOf = async (inputs = { projections, training }): Promise<Row[]> => {
    const { table } = await angles.run(contextWithoutCompute(params, inputs));
    return (await arrow.decode(await arrow.encode(table))).objects() as Row[];
  };
  const curve = (rows: readonly Row[], wanted: Row) =>
    rows.filter((row) => Object.entries(wanted).every(([name, value]) => row[name] === value));
  /** Trapezoidal integrals of 1 and of the angle under a curve. */
  const moments = (points: readonly Row[]) =>
    points.slice(1).reduce<{ mass: number; mean: number }>(
      ({ mass, mean }, point, index) => {
        const [a, b] = [points[index] as Row, point].map((row) => ({
          angle: Number(row.angle),
          density: Number(row.density),
        })) as [{ angle: number; density: number }, { angle: number; density: number }];
        const width = b.angle - a.angle;
        return {
          mass: mass + (width * (a.density + b.density)) / 2,
          mean: mean + (width * (a.angle * a.density + b.angle * b.density)) / 2,
        };
      },
      { mass: 0, mean: 0 },
    );

  it('compares the asymptotic densities of the given dimensions', async () => {
    const rows = await rowsOf();
    for (const d of params.dimensions) {
      const points = curve(rows, { panel: 'asymptotic', dimension: d });
      expect(moments(points).mass).toBeCloseTo(1, 3);
      const peak = Math.max(...points.map(({ density }) => Number(density)));
      expect(peak).toBeCloseTo(Math.sqrt(d / (2 * Math.PI)) * (Math.PI / 180), 6);
    }
  });

  it('estimates a density for each seed at the first and the last checkpoint', async () => {
    const rows = await rowsOf();
    const mean = (panel: string, seed: number) => {
      const { mass, mean } = moments(curve(rows, { panel, series: 'gradients', seed }));
      expect(mass).toBeCloseTo(1, 2);
      return mean / mass;
    };
    // The mean of 2000 angles has a standard error of 0.013 degrees.
    expect(Math.abs(mean('initial', 1) - 89)).toBeLessThan(0.05);
    expect(Math.abs(mean('initial', 2) - 91)).toBeLessThan(0.05);
    expect(Math.abs(mean('last', 1) - 90)).toBeLessThan(0.05);
    expect(new Set(rows.map(({ panel }) => panel))).toEqual(new Set(['asymptotic', 'initial', 'last']));
  });

  it('adds the mean training accuracy of the checkpoint, of the architecture alone', async () => {
    const rows = await rowsOf();
    const accuracies = (panel: string) => [...new Set(curve(rows, { panel }).map((row) => row.trainingAccuracy))];
    expect(accuracies('last')).toEqual([expect.closeTo(0.999, 12)]);
    expect(accuracies('initial')).toEqual([0.1]);
    expect(accuracies('asymptotic')).toEqual([null]);
    expect([...new Set(curve(rows, { panel: 'last' }).map(({ epoch }) => epoch))]).toEqual([2]);
  });

  it('has no last checkpoint when there is only one', async () => {
    const rows = await rowsOf({ projections: projections.slice(0, 2), training });
    expect(new Set(rows.map(({ panel }) => panel))).toEqual(new Set(['asymptotic', 'initial']));
  });

  it('names a sample that cannot be used', async () => {
    await expect(rowsOf({ projections: [gatheredAt('cnn', 1, 0, sample(1, 0))], training })).rejects.toThrow('"fnn"');
    await expect(rowsOf({ projections: [gatheredAt('fnn', 3, 4, sample(1, 0, 1))], training })).rejects.toThrow(
      'fnn, seed 3, epoch 4 has no float64 tensor "projections"',
    );
    const flat = { ...sample(1, 0), projections: { shape: [2], data: Float64Array.of(0.5, 0.5) } };
    await expect(rowsOf({ projections: [gatheredAt('fnn', 3, 4, flat)], training })).rejects.toThrow('no spread');
    const { dimension: _, ...bare } = sample(1, 0);
    await expect(rowsOf({ projections: [gatheredAt('fnn', 3, 4, bare)], training })).rejects.toThrow(
      'no tensor "dimension"',
    );
  });

  it('checks its params', () => {
    expect(v.safeParse(angles.params, params).success).toBe(true);
    expect(v.safeParse(angles.params, { ...params, dimensions: [] }).success).toBe(false);
    expect(v.safeParse(angles.params, { ...params, colour: 'red' }).success).toBe(false);
  });
});
