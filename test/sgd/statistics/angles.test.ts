import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import {
  angleInDegrees,
  asymptoticAngleDensity,
  asymptoticAngleDeviation,
} from '../../../src/sgd/statistics/angles.ts';
import { uniformDirection } from '../../../src/sgd/statistics/sampler.ts';

describe('angleInDegrees', () => {
  it.each([
    [1, 0],
    [Math.SQRT1_2, 45],
    [0.5, 60],
    [0, 90],
    [-0.5, 120],
    [-1, 180],
    [1 + 1e-15, 0],
    [-1 - 1e-15, 180],
  ])('of the cosine %d is %d', (cosine, degrees) => {
    expect(angleInDegrees(cosine)).toBeCloseTo(degrees, 12);
  });
});

describe('asymptoticAngleDensity', () => {
  it.each([10, 635_200])('is a density of mean 90 and deviation (180/π)/√d, d = %d', (dimension) => {
    const deviation = 180 / Math.PI / Math.sqrt(dimension);
    expect(asymptoticAngleDeviation(dimension)).toBeCloseTo(deviation, 14);
    let mass = 0;
    let square = 0;
    const step = deviation / 50;
    for (let i = -500; i <= 500; i++) {
      const density = asymptoticAngleDensity(dimension, 90 + i * step);
      mass += density * step;
      square += (i * step) ** 2 * density * step;
    }
    expect(mass).toBeCloseTo(1, 10);
    expect(Math.sqrt(square) / deviation).toBeCloseTo(1, 10);
  });

  it('is the limit of the angles of uniform directions (Theorem 2)', () => {
    const [dimension, count] = [2000, 2000];
    const random = randomStream(3, 'angles test');
    const angles = Array.from({ length: count }, () =>
      angleInDegrees(uniformDirection(dimension, random)[0] as number),
    );
    const deviation = asymptoticAngleDeviation(dimension);
    const mean = angles.reduce((sum, angle) => sum + angle, 0) / count;
    const variance = angles.reduce((sum, angle) => sum + (angle - 90) ** 2, 0) / count;
    expect(Math.abs(mean - 90)).toBeLessThan((4 * deviation) / Math.sqrt(count));
    expect(Math.abs(variance / deviation ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
  });
});
