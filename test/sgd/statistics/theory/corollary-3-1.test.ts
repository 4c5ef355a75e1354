import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import { banerjeeConcentration } from '../../../../src/sgd/statistics/concentration.ts';
import { concentrationsOnQuadratics, largestGrowth } from '../../../../src/sgd/statistics/theory/corollary-3-1.ts';

const quadratics = {
  dimension: 40,
  minibatches: 10,
  condition: 2,
  learningRate: 0.005,
  epochs: 12,
  distance: 8,
};

describe('concentrationsOnQuadratics', () => {
  it('falls from epoch to epoch with a small step, far from the minimum', () => {
    const concentrations = concentrationsOnQuadratics(quadratics, randomStream(1, 'a test'));
    expect(concentrations).toHaveLength(13);
    expect(largestGrowth(concentrations)).toBeLessThan(1);
  });

  it('grows with a step that diverges', () => {
    const far = { ...quadratics, learningRate: 2.5, distance: 2, epochs: 2 };
    expect(largestGrowth(concentrationsOnQuadratics(far, randomStream(1, 'a test')))).toBeGreaterThan(1);
  });

  it('begins where minimisers are normal about the origin: r̄ ≈ distance/√(distance² + 1)', () => {
    const [initial = 0] = concentrationsOnQuadratics(
      { ...quadratics, dimension: 4000, minibatches: 50, condition: 1, epochs: 0 },
      randomStream(2, 'a test'),
    );
    const expected = banerjeeConcentration(4000, 8 / Math.sqrt(65));
    expect(initial / expected).toBeCloseTo(1, 1);
  });
});

describe('largestGrowth', () => {
  it('is the largest ratio to the value before', () => {
    expect(largestGrowth([8, 4, 6, 3])).toBe(1.5);
  });
});
