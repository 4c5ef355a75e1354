import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import type { Gathered } from '../../src/engine/stage/index.ts';
import { directionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { tableOf } from '../../stages/support/rows.ts';
import { plot, trajectories } from '../../stages/trajectories.ts';
import { TRAJECTORIES } from '../sgd/figures/examples.ts';
import { contextWithoutCompute } from './context-without-compute.ts';

const at = <T>(architecture: string, seed: number, epoch: number, value: T): Gathered<T> => ({
  coordinates: { architecture, seed, epoch },
  value,
});
const metrics = (loss: number) => ({ examples: 100, loss, accuracy: 0.5 });
const statistics = directionalStatistics({
  dimension: 635_200,
  norms: Float64Array.of(1, 2, 3, 4),
  resultant: 3,
  meanGradientNorm: 1.5,
  jackknifeProducts: new Float64Array(),
});

describe('trajectories', () => {
  it('joins what was measured of a run at an epoch', async () => {
    const { table } = await trajectories.run(
      contextWithoutCompute(
        {},
        {
          statistics: [at('cnn', 2, 0, statistics)],
          training: [at('cnn', 2, 0, metrics(2.3))],
          validation: [at('cnn', 2, 0, metrics(2.4)), at('cnn', 2, 1, metrics(2.2)), at('cnn+bn', 2, 0, metrics(2.5))],
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
      statistics: [at('cnn', 1, 0, statistics), at('cnn', 2, 0, statistics)],
      training: [at('cnn', 1, 0, metrics(1))],
      validation: [at('cnn', 1, 0, metrics(1))],
    };
    expect(() => trajectories.run(contextWithoutCompute({}, inputs))).toThrow(
      'the trajectories of 2 seeds (1, 2) were gathered, where one is shown',
    );
  });
});

describe('plot', () => {
  it('draws the table as SVG and PNG, with the correlations of its rows', async () => {
    const { svg, png } = await plot.run(
      contextWithoutCompute(
        { caption: 'Seed 1. A caption', architectures: ['cnn', 'cnn+res+bn'] },
        { table: await arrow.decode(await arrow.encode(tableOf(TRAJECTORIES))) },
      ),
    );
    for (const text of ['(a) cnn', '(c) cnn+res+bn', 'Seed 1. A caption.', 'κ̂: 0.983']) expect(svg).toContain(text);
    expect(decode(png).width).toBeGreaterThan(1000);
  });
});
