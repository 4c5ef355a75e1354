import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { effectiveDimension, gradientNoise, signalAndNoise } from '../../../src/sgd/statistics/gradient-noise.ts';

const square = (vector: readonly number[]) => vector.reduce((sum, value) => sum + value * value, 0);
const meanOf = (vectors: readonly (readonly number[])[]) =>
  (vectors[0] ?? []).map((_, k) => vectors.reduce((sum, vector) => sum + (vector[k] as number), 0) / vectors.length);
const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** All choices of `size` out of the items. */
function choices<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => choices(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}

function noiseOf(gradients: readonly (readonly number[])[], batchSize: number | null) {
  const norms = Float64Array.from(gradients, (gradient) => Math.sqrt(square(gradient)));
  return gradientNoise({ batchSize, norms, meanGradientNorm: Math.sqrt(square(meanOf(gradients))) });
}

describe('signalAndNoise', () => {
  const draws = randomStream(1, 'gradients of a test');
  const gradients = Array.from({ length: 7 }, () => Array.from({ length: 4 }, () => 1 + draws.normal()));
  const ofOne = average(gradients.map(square));
  const averageOfGroups = (k: number) => average(choices(gradients, k).map((group) => square(meanOf(group))));

  it('is the mean product of different gradients, and m times the trace of the sample covariance', () => {
    const pairs = choices(gradients, 2).map(([a, b]) => a?.reduce((sum, x, k) => sum + x * (b?.[k] ?? 0), 0) ?? 0);
    const centre = meanOf(gradients);
    const trace = gradients.reduce((sum, g) => sum + square(g.map((x, k) => x - (centre[k] as number))), 0) / 6;
    const found = signalAndNoise({ batchSize: 64, ofOne, groupSize: 7, ofGroup: square(centre) });
    expect(found.squaredNorm).toBeCloseTo(average(pairs), 12);
    expect(found.trace).toBeCloseTo(64 * trace, 10);
  });

  it.each([2, 3, 4, 6])('is the same from all groups of %i as from the one group of all', (k) => {
    const of = (groupSize: number) =>
      signalAndNoise({ batchSize: 8, ofOne, groupSize, ofGroup: averageOfGroups(groupSize) });
    expect(of(k).squaredNorm).toBeCloseTo(of(7).squaredNorm, 12);
    expect(of(k).trace).toBeCloseTo(of(7).trace, 11);
  });
});

describe('gradientNoise', () => {
  it('has the values of a closed form', () => {
    // ⟨(1, 0), (1, 2)⟩ = 1 is ‖g‖²; tr Cov = ‖(0, 2)‖²/2 = 2, and Σ of m = 10 examples has the trace 20.
    const gradients = [
      [1, 0],
      [1, 2],
    ];
    const found = noiseOf(gradients, 10);
    expect(found.noiseScale).toBeCloseTo(20, 12);
    expect(found.snrSquaredPerExample).toBeCloseTo(0.05, 14);
    // E‖ĝ‖² = 3 of 10 examples with ‖g‖² + tr Σ = 21 each.
    expect(found.mCoherence).toBeCloseTo(30 / 21, 13);
  });

  it('recovers noise scale and coherence of known examples, whatever the size of the minibatches', () => {
    // Examples N(g, I) in 30 dimensions with ‖g‖² = 3: B = 10, and the coherence of m is 1 + (m − 1)/(1 + B).
    for (const m of [4, 16]) {
      const draws = randomStream(m, 'examples of a test');
      const example = () => Array.from({ length: 30 }, () => Math.sqrt(0.1) + draws.normal());
      const gradients = Array.from({ length: 6000 }, () => meanOf(Array.from({ length: m }, example)));
      const found = noiseOf(gradients, m);
      expect(Math.abs((found.noiseScale ?? 0) / 10 - 1)).toBeLessThan(0.03);
      expect(Math.abs((found.snrSquaredPerExample ?? 0) * 10 - 1)).toBeLessThan(0.03);
      expect(Math.abs(found.mCoherence ?? 0) / (1 + (m - 1) / 11)).toBeCloseTo(1, 1);
    }
  });

  it('says that a gradient is lost in the noise, and that there is no noise', () => {
    const opposite = noiseOf(
      [
        [1, 0],
        [-1, 0.1],
      ],
      4,
    );
    expect(opposite.noiseScale).toBeNull();
    expect(opposite.snrSquaredPerExample).toBeLessThan(0);
    const same = noiseOf(
      [
        [0.3, 0.4],
        [0.3, 0.4],
        [0.3, 0.4],
      ],
      4,
    );
    expect(same).toMatchObject({ noiseScale: 0, snrSquaredPerExample: null });
    expect(same.mCoherence).toBeCloseTo(4, 12);
  });

  it('knows nothing of one gradient, or of minibatches of unknown size', () => {
    const nothing = { noiseScale: null, snrSquaredPerExample: null, mCoherence: null };
    expect(noiseOf([[1, 2]], 8)).toEqual({ batchSize: 8, ...nothing });
    expect(
      noiseOf(
        [
          [1, 2],
          [2, 3],
        ],
        null,
      ),
    ).toEqual({ batchSize: null, ...nothing });
  });
});

describe('effectiveDimension', () => {
  it('is d for directions without preference, and one for a line', () => {
    const draws = randomStream(2, 'directions of a test');
    const direction = () => {
      const vector = Array.from({ length: 20 }, () => draws.normal());
      const norm = Math.sqrt(square(vector));
      return vector.map((value) => value / norm);
    };
    const directions = Array.from({ length: 4000 }, direction);
    const cosines = Float64Array.from({ length: 3999 }, (_, i) =>
      (directions[i] as number[]).reduce((sum, x, k) => sum + x * ((directions[i + 1] as number[])[k] as number), 0),
    );
    expect(Math.abs((effectiveDimension(cosines) ?? 0) / 20 - 1)).toBeLessThan(0.1);
    expect(effectiveDimension(Float64Array.of(1, -1, 1))).toBe(1);
    expect(effectiveDimension(Float64Array.of(0.5, 0.5))).toBe(4);
    expect(effectiveDimension(new Float64Array())).toBeNull();
  });
});
