import { describe, expect, it } from 'vitest';
import { correlationsOf } from '../../../src/sgd/statistics/correlation.ts';

describe('correlationsOf', () => {
  it('agrees with NumPy: np.corrcoef of the logarithms and of the ranks', () => {
    const correlations = correlationsOf([
      [1, 2],
      [2, 3],
      [3, 1],
      [4, 4],
    ]);
    expect(correlations?.pearson).toBeCloseTo(0.14601036234203865, 14);
    expect(correlations?.spearman).toBeCloseTo(0.4, 14);
  });

  it('gives ties their mean rank', () => {
    const correlations = correlationsOf([
      [3, 1],
      [7, 10],
      [3, 2],
      [5, 10],
    ]);
    // Ranks (1.5, 4, 1.5, 3) and (1, 3.5, 2, 3.5).
    expect(correlations?.spearman).toBeCloseTo(8 / 9, 14);
  });

  it('is one for a power law, whatever its exponent and the order of the points', () => {
    const points = [5, 1, 100, 0.01, 7].map((x) => [x, 3 * x ** 0.4] as const);
    expect(correlationsOf(points)).toEqual({ pearson: expect.closeTo(1, 12), spearman: expect.closeTo(1, 12) });
    const falling = points.map(([x, y]) => [x, 1 / y] as const);
    expect(correlationsOf(falling)).toEqual({ pearson: expect.closeTo(-1, 12), spearman: expect.closeTo(-1, 12) });
  });

  it('is undefined for two points, and where nothing varies', () => {
    expect(
      correlationsOf([
        [1, 2],
        [2, 5],
      ]),
    ).toBeNull();
    expect(
      correlationsOf([
        [1, 2],
        [1, 3],
        [1, 4],
      ]),
    ).toBeNull();
  });
});
