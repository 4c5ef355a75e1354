import { describe, expect, it } from 'vitest';
import { arrow } from '../../../src/engine/stage/codecs/arrow.ts';
import accuracy from '../../../stages/tables/accuracy-table.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { gatheredAt } from '../gathered-at.ts';

const metrics = (value: number) => ({ examples: 100, loss: 1, accuracy: value });

describe('accuracy-table', () => {
  it('takes the best epoch of each seed, then mean and deviation over seeds', async () => {
    const validation = [
      ...[0.1, 0.9, 0.95, 0.95].map((value, epoch) => gatheredAt('fnn', 1, epoch, metrics(value))),
      ...[0.1, 0.97, 0.93, 0.94].map((value, epoch) => gatheredAt('fnn', 2, epoch, metrics(value))),
      ...[0.1, 0.2, 0.3, 0.4].map((value, epoch) => gatheredAt('cnn', 7, epoch, metrics(value))),
    ];
    const { table } = await accuracy.run(contextWithoutCompute({}, { validation }));
    expect((await arrow.decode(await arrow.encode(table))).objects()).toEqual([
      {
        architecture: 'fnn',
        mean: expect.closeTo(0.96, 12),
        std: expect.closeTo(0.02 / Math.SQRT2, 12),
        seeds: 2,
        bestEpoch: 1.5,
        paperMean: expect.closeTo(0.9818, 12),
        paperStd: expect.closeTo(0.0004, 12),
        paperDeviations: expect.closeTo((96 - 98.18) / 0.04, 6),
      },
      expect.objectContaining({ architecture: 'cnn', mean: 0.4, std: null, seeds: 1, bestEpoch: 3 }),
    ]);
  });
});
