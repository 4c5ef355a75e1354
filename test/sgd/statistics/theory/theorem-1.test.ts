import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import { gramMatrix } from '../../../../src/sgd/statistics/theory/gram.ts';
import { exactNormMoments, theorem1Bounds } from '../../../../src/sgd/statistics/theory/theorem-1.ts';

const stream = randomStream(1, 'gradients of a test');
const gradients = Array.from({ length: 5 }, () => Float32Array.from({ length: 3 }, () => stream.normal() + 0.3));
const norm = (vector: readonly number[]) => Math.hypot(...vector);
const meanOf = (vectors: readonly Float32Array[]) =>
  [0, 1, 2].map((i) => vectors.reduce((sum, vector) => sum + (vector[i] as number), 0) / vectors.length);

describe('exactNormMoments', () => {
  it('agrees with minibatches that are formed one by one', () => {
    const norms: number[] = [];
    for (let i = 0; i < 5; i++) {
      for (let j = i + 1; j < 5; j++) norms.push(norm(meanOf([gradients[i], gradients[j]] as Float32Array[])));
    }
    const mean = norms.reduce((sum, value) => sum + value, 0) / 10;
    expect(exactNormMoments(gramMatrix(gradients), 2)).toEqual({
      examples: 5,
      batchSize: 2,
      gradientNorm: expect.closeTo(norm(meanOf(gradients)), 6),
      meanNorm: expect.closeTo(mean, 6),
      normVariance: expect.closeTo(norms.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 10, 6),
      largestProduct: expect.closeTo(Math.max(...gradients.map((g) => norm([...g]) ** 2)), 6),
    });
  });

  it('has no variance where the minibatch is everything, and the norms of the examples where it is one', () => {
    const gram = gramMatrix(gradients);
    const everything = exactNormMoments(gram, 5);
    expect(everything.normVariance).toBeCloseTo(0, 12);
    expect(everything.meanNorm).toBeCloseTo(everything.gradientNorm, 12);
    const mean = gradients.reduce((sum, gradient) => sum + norm([...gradient]), 0) / 5;
    expect(exactNormMoments(gram, 1).meanNorm).toBeCloseTo(mean, 6);
  });
});

describe('theorem1Bounds', () => {
  it('has the bounds as they are printed', () => {
    const bounds = theorem1Bounds({
      examples: 9,
      batchSize: 3,
      gradientNorm: 2,
      meanNorm: 3,
      normVariance: 0.25,
      largestProduct: 16,
    });
    // 2 (n − m) γ / (m (n − 1)) = 2 · 6 · 16 / (3 · 8) = 8
    expect(bounds).toEqual({
      nonNegative: { measured: 2, bound: 3 },
      mean: { measured: 1, bound: 8 / 5 },
      variance: { measured: 0.25, bound: 8 },
      stochasticity: { measured: 0.5 / 3, bound: expect.closeTo(Math.sqrt(2), 12) },
    });
  });
});
