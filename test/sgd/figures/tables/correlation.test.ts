import { describe, expect, it } from 'vitest';
import {
  type CorrelationRow,
  correlationCsv,
  correlationMarkdown,
  correlationVerdict,
} from '../../../../src/sgd/figures/tables/correlation.ts';

const ROWS: readonly CorrelationRow[] = [
  {
    architecture: 'cnn',
    seed: 1,
    checkpoints: 30,
    spearmanKappa: 0.9876,
    spearmanNormSnr: -0.25,
    pearsonKappa: 0.5,
    pearsonNormSnr: 0.75,
    spearmanVerdict: 'exceeds',
    pearsonVerdict: 'does not exceed',
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
];

describe('the correlation table', () => {
  it('is Markdown, and counts the runs that bear the paper out', () => {
    const lines = correlationMarkdown(ROWS).split('\n');
    const cells = lines.slice(4, 6).map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    expect(cells).toEqual([
      ['cnn', '1', '30', '0.988', '−0.250', 'yes', '0.500', '0.750', 'no'],
      ['cnn', '2', '2', '–', '–', '–', '–', '–', '–'],
    ]);
    expect(lines[7]).toBe(
      'The correlation of SNR with κ̂ exceeds that with normSNR in 1 of 2 runs by Spearman’s, and in 0 by Pearson’s of the logarithms.',
    );
  });

  it('is CSV at full precision', () => {
    expect(correlationCsv(ROWS).split('\n').slice(1, 3)).toEqual([
      'cnn,1,30,0.9876,-0.25,exceeds,0.5,0.75,does not exceed',
      'cnn,2,2,,,undefined,,,undefined',
    ]);
  });
});

describe('correlationVerdict', () => {
  it('compares, and takes rounding for equality', () => {
    expect(correlationVerdict(0.9, 0.8)).toBe('exceeds');
    expect(correlationVerdict(0.8, 0.9)).toBe('does not exceed');
    expect(correlationVerdict(0.9999999999999998, 1)).toBe('equals');
    expect(correlationVerdict(null, 0.9)).toBe('undefined');
    expect(correlationVerdict(0.9, null)).toBe('undefined');
  });
});
