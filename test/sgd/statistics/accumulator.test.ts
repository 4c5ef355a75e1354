import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/engine/base/failure.ts';
import { randomStream } from '../../../src/engine/base/random.ts';
import { GradientAccumulator } from '../../../src/sgd/statistics/accumulator.ts';

const product = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const length = (vector: ArrayLike<number>) => Math.sqrt(product(vector, vector));
const unit = (vector: ArrayLike<number>) => Array.from(vector, (value) => value / length(vector));
const sum = (vectors: readonly ArrayLike<number>[]) =>
  Array.from(vectors[0] ?? [], (_, i) => vectors.reduce((total, vector) => total + (vector[i] as number), 0));

/** All of an accumulator's results, computed from gradients that are kept, in plain float64. */
function reference(gradients: readonly Float32Array[]) {
  const directions = gradients.map(unit);
  const directionSum = sum(directions);
  return {
    norms: gradients.map(length),
    directionSum,
    resultant: length(directionSum),
    meanGradientNorm: length(sum(gradients)) / gradients.length,
    products: directions.map((x) => product(x, directionSum)),
  };
}

function accumulated(gradients: readonly Float32Array[]): GradientAccumulator {
  const dimension = gradients[0]?.length ?? 0;
  const accumulator = new GradientAccumulator(dimension);
  // One array for all gradients, as a stage reuses its own.
  const reused = new Float32Array(dimension);
  for (const gradient of gradients) {
    reused.set(gradient);
    accumulator.add(reused);
  }
  return accumulator;
}

function expectNear(values: ArrayLike<number>, expected: readonly number[], tolerance: number) {
  expect(values.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(Math.abs((values[i] as number) - value)).toBeLessThanOrEqual(tolerance);
  }
}

function expectAgreement(gradients: readonly Float32Array[], tolerance: number) {
  const accumulator = accumulated(gradients);
  const expected = reference(gradients);
  const largest = Math.max(...expected.norms);
  expect(accumulator.count).toBe(gradients.length);
  expectNear(
    accumulator.norms.map((norm, i) => norm / (expected.norms[i] as number)),
    expected.norms.map(() => 1),
    tolerance,
  );
  expectNear(accumulator.directionSum, expected.directionSum, tolerance * gradients.length);
  expectNear([accumulator.resultant()], [expected.resultant], tolerance * gradients.length);
  expectNear([accumulator.meanGradientNorm() / largest], [expected.meanGradientNorm / largest], tolerance);
  expectNear(
    gradients.map((gradient) => accumulator.jackknifeProduct(gradient)),
    expected.products,
    tolerance * gradients.length,
  );
}

describe('GradientAccumulator', () => {
  it('agrees with plain float64 over kept gradients, for any float32 values and dimension', () => {
    const sample = fc.integer({ min: 1, max: 11 }).chain((dimension) => {
      const vector = fc
        .float32Array({ noNaN: true, noDefaultInfinity: true, minLength: dimension, maxLength: dimension })
        .filter((values) => values.some((value) => value !== 0));
      return fc.array(vector, { minLength: 1, maxLength: 9 });
    });
    fc.assert(
      fc.property(sample, (gradients) => {
        expectAgreement(gradients, 1e-14);
      }),
    );
  });

  it('grows past its first thousand samples', () => {
    const random = randomStream(1, 'accumulator test');
    const vector = () => Float32Array.from({ length: 37 }, () => random.normal());
    expectAgreement(Array.from({ length: 1500 }, vector), 1e-12);
  });

  it('sums millions of components to 1e-12, even where all their rounding errors add up', () => {
    const dimension = 2_000_001;
    const value = Math.fround(0.1);
    const gradient = new Float32Array(dimension).fill(value);
    const accumulator = new GradientAccumulator(dimension);
    for (let i = 0; i < 8; i++) accumulator.add(gradient);
    const expected = value * Math.sqrt(dimension);
    expect(Math.abs(accumulator.meanGradientNorm() / expected - 1)).toBeLessThan(1e-12);
    expect(Math.abs(accumulator.resultant() / 8 - 1)).toBeLessThan(1e-12);
    expect(Math.abs(accumulator.jackknifeProduct(gradient) / 8 - 1)).toBeLessThan(1e-12);
    for (const norm of accumulator.norms) expect(Math.abs(norm / expected - 1)).toBeLessThan(1e-12);
  });

  it.each([
    ['zero', Float32Array.of(0, 0, 0)],
    ['not finite', Float32Array.of(1, Number.NaN, 1)],
    ['not finite', Float32Array.of(1, 1, Number.NEGATIVE_INFINITY)],
  ])('names the minibatch whose gradient is %s, and adds nothing of it', (what, bad) => {
    const accumulator = new GradientAccumulator(3);
    accumulator.add(Float32Array.of(1, 2, 2));
    accumulator.add(Float32Array.of(2, 1, 2));
    const before = [...accumulator.directionSum, accumulator.meanGradientNorm(), accumulator.count];
    expect(() => accumulator.add(bad)).toThrow(Failure);
    expect(() => accumulator.add(bad)).toThrow(`minibatch 2 (counted from 0) is ${what}`);
    expect(() => accumulator.jackknifeProduct(bad, 7)).toThrow(`minibatch 7 (counted from 0) is ${what}`);
    expect([...accumulator.directionSum, accumulator.meanGradientNorm(), accumulator.count]).toEqual(before);
  });

  it('refuses gradients of another length', () => {
    const accumulator = new GradientAccumulator(3);
    expect(() => accumulator.add(Float32Array.of(1, 2))).toThrow('the gradient has 2 components');
  });
});
