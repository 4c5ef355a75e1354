import { describe, expect, it } from 'vitest';
import {
  type StatisticsRow,
  statisticsCsv,
  statisticsMarkdown,
} from '../../../../src/sgd/figures/tables/statistics.ts';

const row = (architecture: string, seed: number, epoch: number, kappa: number | null): StatisticsRow => ({
  architecture,
  seed,
  epoch,
  kappa,
  kappaLower: kappa && kappa - 1000,
  kappaUpper: kappa && kappa + 1000,
  snr: 0.9 + seed / 100,
  normSnr: 11,
  noiseScale: 1000 * seed,
  snrSquaredPerExample: 0.001 / seed,
  mCoherence: 1.5,
  effectiveDimension: kappa && 40.25,
  validationAccuracy: epoch === 0 ? null : 0.894,
});

const rows = [row('fnn', 1, 0, 780000), row('fnn', 2, 0, 850000), row('fnn', 1, 1, null), row('dfnn', 1, 0, 1.83e6)];

describe('the table of statistics', () => {
  it('has the mean over seeds with the range, and a dash for what is not defined', () => {
    expect(statisticsMarkdown(rows)).toBe(
      [
        '| architecture | epoch | seeds |                      κ̂ |                  SNR |              normSNR |             noise scale |       m-coherence | effective dimension | validation accuracy (%) |',
        '| ------------ | ----: | ----: | ----------------------: | -------------------: | -------------------: | ----------------------: | ----------------: | ------------------: | ----------------------: |',
        '| fnn          |     0 |     2 | 8.15e5 [7.80e5, 8.50e5] | 0.915 [0.910, 0.920] | 11.00 [11.00, 11.00] | 1.50e3 [1.00e3, 2.00e3] | 1.50 [1.50, 1.50] |   40.3 [40.3, 40.3] |                       – |',
        '| fnn          |     1 |     1 |                       – |                0.910 |                11.00 |                  1.00e3 |              1.50 |                   – |                   89.40 |',
        '| dfnn         |     0 |     1 |                  1.83e6 |                0.910 |                11.00 |                  1.00e3 |              1.50 |                40.3 |                       – |',
        '',
      ].join('\n'),
    );
  });

  it('is CSV with a line for each seed, and empty cells for what is not defined', () => {
    const [heading, ...lines] = statisticsCsv(rows).trimEnd().split('\n');
    expect(heading?.split(',')).toHaveLength(13);
    expect(lines).toHaveLength(4);
    expect(lines[2]).toBe('fnn,1,1,,,,0.91,11,1000,0.001,1.5,,0.894');
  });
});
