import { describe, expect, it } from 'vitest';
import { arrow } from '../../../src/engine/stage/codecs/arrow.ts';
import type { Gathered } from '../../../src/engine/stage/index.ts';
import { type DirectionalStatistics, directionalStatistics } from '../../../src/sgd/statistics/statistics.ts';
import correlation from '../../../stages/tables/correlation-table.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';

/** A checkpoint whose SNR, κ̂ and normSNR are those given. */
function checkpoint(
  seed: number,
  epoch: number,
  values: readonly [snr: number | null, kappa: number, normSnr: number],
): Gathered<DirectionalStatistics> {
  const [snr, kappa, normSnr] = values;
  const other = directionalStatistics({
    dimension: 100,
    norms: Float64Array.of(1, 2),
    resultant: 1.5,
    meanGradientNorm: 1,
    jackknifeProducts: new Float64Array(),
  });
  return { coordinates: { architecture: 'cnn', seed, epoch }, value: { ...other, snr, kappa, normSnr } };
}

describe('correlation', () => {
  it('has a row for each run, over the checkpoints where all three are known', async () => {
    const statistics = [
      checkpoint(1, 0, [1, 1e5, 10]),
      checkpoint(1, 1, [0.5, 5e4, 4]),
      checkpoint(1, 2, [null, 7e9, 2]),
      checkpoint(1, 3, [0.25, 2e4, 8]),
      checkpoint(2, 0, [1, 1e5, 10]),
      checkpoint(2, 1, [0.5, 5e4, 4]),
    ];
    const { table, markdown, csv } = await correlation.run(contextWithoutCompute({}, { statistics }));
    expect((await arrow.decode(await arrow.encode(table))).objects()).toEqual([
      {
        architecture: 'cnn',
        seed: 1,
        checkpoints: 3,
        spearmanKappa: expect.closeTo(1, 12),
        spearmanNormSnr: expect.closeTo(0.5, 12),
        // Logarithms of 1, 1/2, 1/4 against those of 10, 4, 8.
        pearsonKappa: expect.closeTo(0.99681, 4),
        pearsonNormSnr: expect.closeTo(0.2335, 4),
        spearmanVerdict: 'exceeds',
        pearsonVerdict: 'exceeds',
      },
      {
        architecture: 'cnn',
        seed: 2,
        checkpoints: 2,
        spearmanKappa: null,
        spearmanNormSnr: null,
        pearsonKappa: null,
        pearsonNormSnr: null,
        spearmanVerdict: 'undefined',
        pearsonVerdict: 'undefined',
      },
    ]);
    expect(markdown).toContain('in 1 of 2 runs');
    expect(csv.split('\n')).toHaveLength(4);
  });
});
