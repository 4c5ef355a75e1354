import { describe, expect, it } from 'vitest';
import { accuracyCsv, accuracyMarkdown } from '../../../../src/sgd/figures/tables/accuracy.ts';
import { ACCURACIES } from '../examples.ts';

const rows = [...ACCURACIES, { architecture: 'a "new", one', mean: 0.5, std: 0.125, seeds: 3, bestEpoch: 7 }];

describe('the accuracy table', () => {
  it('is Markdown with our accuracies next to those of the paper', () => {
    expect(accuracyMarkdown(rows)).toBe(
      [
        '| architecture |      ours (%) | seeds | best epoch |    paper (%) | difference (σ of the paper) |',
        '| ------------ | ------------: | ----: | ---------: | -----------: | --------------------------: |',
        '| fnn          |  98.12 ± 0.04 |     2 |          3 | 98.18 ± 0.04 |                        −1.4 |',
        '| cnn+res+bn   |         72.70 |     1 |        4.5 | 72.71 ± 1.02 |                         0.0 |',
        '| a "new", one | 50.00 ± 12.50 |     3 |          7 |            – |                           – |',
        '',
      ].join('\n'),
    );
  });

  it('is CSV at full precision, with cells quoted where they must be', () => {
    const [heading, ...lines] = accuracyCsv(rows).trimEnd().split('\n');
    expect(heading?.split(',')).toHaveLength(8);
    expect(lines[0]?.split(',').map((cell, index) => (index === 0 ? cell : Number(cell)))).toEqual([
      'fnn',
      expect.closeTo(98.123, 10),
      expect.closeTo(0.041, 10),
      2,
      3,
      98.18,
      0.04,
      expect.closeTo((98.123 - 98.18) / 0.04, 8),
    ]);
    expect(lines[1]).toMatch(/^cnn\+res\+bn,72\.7,,1,4\.5,72\.71,1\.02,-0\.0098\d*$/);
    expect(lines[2]).toBe('"a ""new"", one",50,12.5,3,7,,,');
  });
});
