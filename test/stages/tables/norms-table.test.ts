import { describe, expect, it } from 'vitest';
import norms from '../../../stages/tables/norms-table.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';

describe('norms-table', () => {
  const gathered = (data: ArrayLike<number>) => ({
    norms: [
      {
        coordinates: { seed: 3, batchSize: 8 },
        value: { norms: { shape: [data.length], data: Float64Array.from(data) } },
      },
    ],
  });

  it('has the standard deviation of the norms over their mean', async () => {
    const { table: rows } = await norms.run(contextWithoutCompute({}, gathered([1, 2, 3])));
    expect(rows.objects()).toEqual([
      { seed: 3, batchSize: 8, minibatches: 3, meanNorm: 2, stdNorm: 1, stochasticity: 0.5 },
    ]);
  });

  it.each([[[1]], [[0, 0]]])('explains norms without a spread: %j', async (data) => {
    await expect((async () => norms.run(contextWithoutCompute({}, gathered(data))))()).rejects.toThrow(
      'the norms of seed 3, batch size 8 are fewer than two, or all zero',
    );
  });
});
