import { describe, expect, it } from 'vitest';
import { arrow } from '../../../src/engine/stage/codecs/arrow.ts';
import { directionalStatistics } from '../../../src/sgd/statistics/statistics.ts';
import trajectories from '../../../stages/tables/trajectories-table.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { gatheredAt } from '../gathered-at.ts';

const metrics = (loss: number) => ({ examples: 100, loss, accuracy: 0.5 });
const statistics = directionalStatistics({
  dimension: 635_200,
  norms: Float64Array.of(1, 2, 3, 4),
  resultant: 3,
  meanGradientNorm: 1.5,
  jackknifeProducts: new Float64Array(),
});

describe('trajectories-table', () => {
  it('joins what was measured of a run at an epoch', async () => {
    const { table } = await trajectories.run(
      contextWithoutCompute(
        {},
        {
          statistics: [gatheredAt('cnn', 2, 0, statistics)],
          training: [gatheredAt('cnn', 2, 0, metrics(2.3))],
          validation: [
            gatheredAt('cnn', 2, 0, metrics(2.4)),
            gatheredAt('cnn', 2, 1, metrics(2.2)),
            gatheredAt('cnn+bn', 2, 0, metrics(2.5)),
          ],
        },
      ),
    );
    const nothing = { trainingLoss: null, kappa: null, snr: null, normSnr: null };
    const { kappa, snr, normSnr } = statistics;
    expect((await arrow.decode(await arrow.encode(table))).objects()).toEqual([
      { architecture: 'cnn', epoch: 0, trainingLoss: 2.3, validationLoss: 2.4, kappa, snr, normSnr },
      { architecture: 'cnn', epoch: 1, ...nothing, validationLoss: 2.2 },
      { architecture: 'cnn+bn', epoch: 0, ...nothing, validationLoss: 2.5 },
    ]);
  });

  it('refuses two seeds, which could not be told apart', () => {
    const inputs = {
      statistics: [gatheredAt('cnn', 1, 0, statistics), gatheredAt('cnn', 2, 0, statistics)],
      training: [gatheredAt('cnn', 1, 0, metrics(1))],
      validation: [gatheredAt('cnn', 1, 0, metrics(1))],
    };
    expect(() => trajectories.run(contextWithoutCompute({}, inputs))).toThrow(
      'the trajectories of 2 seeds (1, 2) were gathered, where one is shown',
    );
  });
});
