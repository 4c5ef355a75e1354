import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import {
  exactDistance,
  normalDistribution,
  sampleDistance,
  sampleDistanceBound,
  standardisedAngles,
} from '../../../../src/sgd/statistics/theory/theorem-2.ts';

describe('normalDistribution', () => {
  it.each([
    [0, 0.5],
    [1.959963984540054, 0.975],
    [-1, 0.15865525393145707],
    [3, 0.9986501019683699],
    [-40, 0],
  ])('of %d is %d', (z, expected) => {
    expect(normalDistribution(z)).toBeCloseTo(expected, 13);
  });
});

describe('exactDistance', () => {
  it('agrees with the closed form in three dimensions, where cos θ is uniform', () => {
    // F(z) = (1 + sin(z/√3))/2
    let most = 0;
    for (let z = 0; z <= (Math.sqrt(3) * Math.PI) / 2; z += 1e-3) {
      most = Math.max(most, Math.abs((1 + Math.sin(z / Math.sqrt(3))) / 2 - normalDistribution(z)));
    }
    expect(exactDistance(3)).toBeCloseTo(most, 6);
  });

  it('tends to the largest value of φ(z)(3z/4 − z³/12), over d', () => {
    let most = 0;
    for (let z = 0; z < 6; z += 1e-3) {
      const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
      most = Math.max(most, Math.abs(density * (0.75 * z - z ** 3 / 12)));
    }
    expect(1e5 * exactDistance(1e5)).toBeCloseTo(most, 5);
  });
});

describe('sampleDistance', () => {
  it('is the largest gap to the steps of the empirical distribution', () => {
    expect(sampleDistance(Float64Array.of(0))).toBeCloseTo(0.5, 12);
    // Φ(1) − 1/2 at the second step is less than 1 − Φ(1) … at its top: steps at 0 and 1, heights 1/2 and 1.
    expect(sampleDistance(Float64Array.of(1, 0))).toBeCloseTo(0.5, 12);
    expect(sampleDistance(Float64Array.of(-9, 9))).toBeCloseTo(0.5, 12);
  });

  it('tells angles of uniform directions from shifted ones', () => {
    const angles = standardisedAngles(300, 1500, randomStream(1, 'angles of a test'));
    expect(sampleDistance(angles)).toBeLessThan(sampleDistanceBound(1500));
    expect(sampleDistance(angles.map((z) => z + 0.2))).toBeGreaterThan(sampleDistanceBound(1500));
  });
});
