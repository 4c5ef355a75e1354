import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import { checkLemma1, secondDerivative } from '../../../../src/sgd/statistics/theory/lemma-1.ts';

describe('secondDerivative', () => {
  it('is 2(d−1) r̄ (3+r̄²) / (n_b² (1−r̄²)³), which vanishes at 0', () => {
    expect(secondDerivative(5, 4, 0)).toBe(0);
    // r̄ = 1/2: 8 · ½ · 3.25 / (16 · 0.421875)
    expect(secondDerivative(5, 4, 2)).toBeCloseTo(13 / 6.75, 12);
  });
});

describe('checkLemma1', () => {
  it.each([2, 3, 100, 1_915_200])('finds the lemma to hold in %i dimensions', (dimension) => {
    const found = checkLemma1(dimension, 20, 0.01, randomStream(1, 'a test'));
    expect(found.largestRatio).toBeLessThan(1);
    expect(found.firstDerivativeError).toBeLessThan(1e-7);
    expect(found.secondDerivativeError).toBeLessThan(1e-7);
    expect(found.largestSlope).toBeLessThan(found.lipschitzConstant);
    // The pairs come near enough to the end to say something.
    expect(found.largestSlope).toBeGreaterThan(0.9 * found.lipschitzConstant);
  });
});
