import { describe, expect, it } from 'vitest';
import { groupBy, meanAndStd } from '../../../src/sgd/figures/summary.ts';

describe('meanAndStd', () => {
  it('divides by n − 1', () => {
    expect(meanAndStd([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, std: expect.closeTo(Math.sqrt(32 / 7), 12) });
  });

  it('has no deviation of one value', () => {
    expect(meanAndStd([3])).toEqual({ mean: 3, std: null });
  });
});

describe('groupBy', () => {
  it('keeps the order of first appearance', () => {
    expect([...groupBy([3, 1, 4, 1, 5, 9, 2, 6], (value) => value % 3)]).toEqual([
      [0, [3, 9, 6]],
      [1, [1, 4, 1]],
      [2, [5, 2]],
    ]);
  });
});
