import { describe, expect, it } from 'vitest';
import { arrow } from '../../../src/engine/stage/codecs/arrow.ts';
import type { Coordinates } from '../../../src/engine/stage/index.ts';
import { gradientNoise } from '../../../src/sgd/statistics/gradient-noise.ts';
import { directionalStatistics } from '../../../src/sgd/statistics/statistics.ts';
import type { SampleStatistics } from '../../../stages/support/checkpoints.ts';
import concentration from '../../../stages/tables/concentration-table.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { gatheredAt } from '../gathered-at.ts';

describe('concentration-table', () => {
  const statistics = (resultant: number): SampleStatistics => {
    const norms = { norms: Float64Array.of(1, 2, 3, 4), meanGradientNorm: 1.5 };
    const sums = { dimension: 635_200, resultant, jackknifeProducts: new Float64Array() };
    return {
      ...directionalStatistics({ ...sums, ...norms }),
      ...gradientNoise({ batchSize: 64, ...norms }),
      effectiveDimension: 12,
      groups: [],
    };
  };

  it('has a row for each checkpoint with every statistic, null where it is undefined', async () => {
    const gathered = [
      gatheredAt('fnn', 1, 0, statistics(4)),
      gatheredAt('fnn', 1, 3, statistics(2.5)),
      gatheredAt('cnn', 2, 0, statistics(3)),
    ];
    const { table } = await concentration.run(contextWithoutCompute({}, { statistics: gathered }));
    const read = await arrow.decode(await arrow.encode(table));
    const rows = gathered.map(({ coordinates, value: { groups: _, ...value } }) => ({ ...coordinates, ...value }));
    expect(read.objects()).toEqual(rows);
    expect(read.get('kappa', 0)).toBeNull();
    expect(read.get('kappa', 1)).toBeCloseTo((0.625 * (635_200 - 0.625 ** 2)) / (1 - 0.625 ** 2), 6);
  });

  it('gives equal bytes for equal statistics', async () => {
    const encode = async () => {
      const { table } = await concentration.run(
        contextWithoutCompute({}, { statistics: [gatheredAt('fnn', 1, 0, statistics(3))] }),
      );
      return Buffer.from(await arrow.encode(table)).toString('hex');
    };
    expect(await encode()).toBe(await encode());
  });

  it('refuses inputs without the coordinates that make a checkpoint', () => {
    const stray = { coordinates: { architecture: 'fnn', seed: 1 } as Coordinates, value: statistics(3) };
    expect(() => concentration.run(contextWithoutCompute({}, { statistics: [stray] }))).toThrow(
      'without architecture, seed and epoch',
    );
    expect(() => concentration.run(contextWithoutCompute({}, { statistics: [] }))).toThrow('gathers nothing');
  });
});
