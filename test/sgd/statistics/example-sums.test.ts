import { describe, expect, it } from 'vitest';
import { exampleWeights, minibatchMeans } from '../../../src/sgd/statistics/example-sums.ts';

const minibatches = [Uint32Array.of(0, 3), Uint32Array.of(3, 1), Uint32Array.of(0, 1)];

describe('sums over examples', () => {
  it('weigh an example by the minibatches that it is in', () => {
    expect([...exampleWeights(minibatches, [2, 4, 10], 5)]).toEqual([6, 7, 0, 3, 0]);
  });

  it('are those over minibatches: Σ c_I mean_I = Σ w_j v_j', () => {
    const values = Float64Array.of(1, 20, 300, 4000, 50_000);
    const means = minibatchMeans(minibatches, values);
    expect([...means]).toEqual([2000.5, 2010, 10.5]);
    const weights = exampleWeights(minibatches, [2, 4, 10], 5);
    const overExamples = weights.reduce((sum, weight, j) => sum + weight * (values[j] as number), 0);
    expect(overExamples).toBe(2 * 2000.5 + 4 * 2010 + 10 * 10.5);
  });
});
