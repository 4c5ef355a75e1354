import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import {
  resultantSlope,
  stepTowardsMinimisers,
  sumOf,
  toleratedDeviation,
  unit,
  unitsTowards,
} from '../../../src/sgd/statistics/minimisers.ts';

/** Points about the origin of R^d that keep their distance from it. */
function cloud(dimension: number, count: number, seed: number): number[][] {
  const stream = randomStream(seed, 'minimisers test', { dimension });
  return Array.from({ length: count }, () => {
    const point = Array.from({ length: dimension }, (_, axis) => stream.normal() + (axis === 0 ? 0.7 : 0));
    return unit(point).map((component) => component * (1 + stream.uniform()));
  });
}

const squaredLength = (vector: readonly number[]) => vector.reduce((sum, component) => sum + component ** 2, 0);

describe('unitsTowards', () => {
  it('gives vectors of length 1 from the point towards each of the others', () => {
    expect(unitsTowards([[4, 5]], [1, 1])).toEqual([[0.6, 0.8]]);
    expect(
      sumOf(
        unitsTowards(
          [
            [2, 1],
            [1, -3],
            [-8, 1],
          ],
          [1, 1],
        ),
      ),
    ).toEqual([0, -1]);
  });
});

describe('resultantSlope', () => {
  it.each([2, 3, 7])('is the derivative of ‖Σ unit(p_j − w − εu)‖² at ε = 0, d = %d', (dimension) => {
    const points = cloud(dimension, 6, 1);
    const w = Array<number>(dimension).fill(0.05);
    const u = sumOf(unitsTowards(points, w));
    const at = (epsilon: number) =>
      squaredLength(
        sumOf(
          unitsTowards(
            points,
            w.map((component, i) => component + epsilon * (u[i] ?? 0)),
          ),
        ),
      );
    const step = 1e-5;
    const derivative = (at(step) - at(-step)) / (2 * step);
    expect(derivative).toBeLessThan(0);
    expect(resultantSlope(points, w) / derivative).toBeCloseTo(1, 7);
  });

  it('is zero where all points lie on one line through w', () => {
    expect(
      resultantSlope(
        [
          [1, 2],
          [2, 4],
          [-1, -2],
        ],
        [0, 0],
      ),
    ).toBeCloseTo(0, 12);
  });
});

describe('toleratedDeviation', () => {
  it('is |f′(0)| min ‖p_j − w‖ / (4 n²)', () => {
    // u = (1, 1), f′(0) = −2 (1/2 + 1/3).
    expect(
      toleratedDeviation(
        [
          [2, 0],
          [0, 3],
        ],
        [0, 0],
      ),
    ).toBeCloseTo(((2 * 5) / 6) * (2 / 16), 12);
  });
});

describe('stepTowardsMinimisers', () => {
  const options = {
    minimisers: [
      [2, 0],
      [0, 3],
      [2, 2],
    ] as [number, number][],
    from: [0, 0] as [number, number],
  };

  it('shortens the sum of the unit vectors along u, as Lemma 2 says, with the slope of f', () => {
    const step = stepTowardsMinimisers({ ...options, epsilon: 0.2, furthest: 0.4, condition: 1 });
    const [start, next] = step.alongUnits;
    const u = Math.hypot(...step.before.resultant);
    expect(start).toEqual({ epsilon: 0, length: u });
    // d‖·‖/dε = f′/(2 ‖u‖)
    const slope = resultantSlope(options.minimisers, options.from) / (2 * u);
    expect(((next?.length ?? 0) - u) / (next?.epsilon ?? 1) / slope).toBeCloseTo(1, 2);
    expect(step.alongUnits[48]?.length).toBeCloseTo(Math.hypot(...step.after.resultant), 12);
    expect(Math.hypot(...step.after.resultant)).toBeLessThan(u);
  });

  it('goes along u where the losses are perfectly conditioned, and nearly so where they are well conditioned', () => {
    const at = (condition: number) => stepTowardsMinimisers({ ...options, epsilon: 0.2, furthest: 0.4, condition });
    expect(at(1).deviation).toBe(0);
    expect(at(1).alongGradients).toEqual(at(1).alongUnits);
    const near = at(1.05);
    expect(near.deviation).toBeGreaterThan(0);
    expect(near.deviation).toBeLessThan(near.tolerated);
    expect(near.alongGradients[1]?.length).toBeLessThan(near.alongGradients[0]?.length ?? 0);
  });
});
