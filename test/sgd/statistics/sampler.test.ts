import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { besselRatio } from '../../../src/sgd/statistics/concentration.ts';
import { uniformDirection, vonMisesFisherSampler } from '../../../src/sgd/statistics/sampler.ts';

const product = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const axis = (dimension: number) => Float64Array.from({ length: dimension }, (_, i) => (i === 0 ? 1 : 0));

/** n projections ⟨µ, x⟩ on µ = e₁. */
function projections(dimension: number, kappa: number, count: number): number[] {
  const draw = vonMisesFisherSampler(axis(dimension), kappa, randomStream(11, 'sampler test', { dimension, kappa }));
  return Array.from({ length: count }, () => draw()[0] as number);
}

/** √n times the largest distance between the empirical distribution and `cumulative`: above 1.95 once in 1000. */
function kolmogorovSmirnov(values: readonly number[], cumulative: (value: number) => number): number {
  const ordered = [...values].sort((a, b) => a - b);
  const distances = ordered.map((value, i) =>
    Math.max(Math.abs(cumulative(value) - i / ordered.length), Math.abs(cumulative(value) - (i + 1) / ordered.length)),
  );
  return Math.sqrt(ordered.length) * Math.max(...distances);
}

describe('vonMisesFisherSampler', () => {
  it.each([0.2, 3, 50, 1e6])('draws ⟨µ, x⟩ in three dimensions from its closed form, κ = %d', (kappa) => {
    // F(w) = (e^{κw} − e^{−κ}) / (e^κ − e^{−κ}), divided by e^κ.
    const cumulative = (w: number) => (Math.exp(kappa * (w - 1)) - Math.exp(-2 * kappa)) / (1 - Math.exp(-2 * kappa));
    expect(kolmogorovSmirnov(projections(3, kappa, 5000), cumulative)).toBeLessThan(1.95);
  });

  // I₁(κ)/I₀(κ), from tables of the Bessel functions.
  it.each([
    [5, 0.8933831],
    [50, 0.9899489],
  ])('draws angles on the circle from the density exp(κ cos θ), κ = %d', (kappa, ratio) => {
    const draw = vonMisesFisherSampler([1, 0], kappa, randomStream(15, 'sampler test', { kappa }));
    const angles = Array.from({ length: 5000 }, () => {
      const [x = 0, y = 0] = draw();
      return Math.atan2(y, x);
    });
    // The cumulative distribution by the midpoint rule, which is exact to rounding for a periodic function.
    const cells = 4096;
    const cumulative = [0];
    for (let cell = 0; cell < cells; cell++) {
      const theta = -Math.PI + ((cell + 0.5) * 2 * Math.PI) / cells;
      cumulative.push((cumulative[cell] as number) + Math.exp(kappa * (Math.cos(theta) - 1)));
    }
    const at = (theta: number) => {
      const position = ((theta + Math.PI) / (2 * Math.PI)) * cells;
      const cell = Math.min(cells - 1, Math.floor(position));
      const [below = 0, above = 0] = cumulative.slice(cell, cell + 2);
      return (below + (position - cell) * (above - below)) / (cumulative[cells] as number);
    };
    expect(kolmogorovSmirnov(angles, at)).toBeLessThan(1.95);
    expect(besselRatio(2, kappa)).toBeCloseTo(ratio, 6);
    const mean = angles.reduce((sum, angle) => sum + Math.cos(angle), 0) / angles.length;
    // Var cos θ = 1 − A₂/κ − A₂².
    const deviation = Math.sqrt(1 - ratio / kappa - ratio * ratio);
    expect(Math.abs(mean - ratio)).toBeLessThan((4 * deviation) / Math.sqrt(angles.length));
  });

  it.each([2, 3, 5])('is uniform for κ = 0, d = %d', (dimension) => {
    const cumulative: Record<number, (w: number) => number> = {
      2: (w) => 1 - Math.acos(w) / Math.PI,
      3: (w) => (1 + w) / 2,
      // Density 3/4 (1 − w²).
      5: (w) => (2 + 3 * w - w ** 3) / 4,
    };
    const count = 20_000;
    const values = projections(dimension, 0, count);
    expect(kolmogorovSmirnov(values, cumulative[dimension] ?? Number)).toBeLessThan(1.95);
    // E w² = 1/d and E w⁴ = 3/(d (d + 2)): sharper than the test above on the shape of the beta variate.
    const meanSquare = values.reduce((sum, value) => sum + value * value, 0) / count;
    const deviation = Math.sqrt(3 / (dimension * (dimension + 2)) - 1 / dimension ** 2);
    expect(Math.abs(meanSquare - 1 / dimension)).toBeLessThan((4 * deviation) / Math.sqrt(count));
  });

  it.each([
    [2, 0.7, 20_000],
    [2, 500, 20_000],
    [4, 8, 10_000],
    [50, 5, 5000],
    [50, 1e5, 5000],
    [10_000, 3000, 300],
    [10_000, 1e7, 300],
  ])('has the mean and variance of ⟨µ, x⟩ at d = %d, κ = %d', (dimension, kappa, count) => {
    const values = projections(dimension, kappa, count);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
    const ratio = besselRatio(dimension, kappa);
    // A_d′ by a central difference: 1 − A² − (d − 1) A/κ cancels for large κ.
    const step = 1e-3 * kappa;
    const expected = (besselRatio(dimension, kappa + step) - besselRatio(dimension, kappa - step)) / (2 * step);
    expect(Math.abs(mean - ratio)).toBeLessThan(4 * Math.sqrt(expected / count));
    // The excess kurtosis is at most that of an exponential variate, 6, which makes Var s² at most 8 σ⁴/n.
    expect(Math.abs(variance / expected - 1)).toBeLessThan(4 * Math.sqrt(8 / count));
  });

  it.each([
    ['an axis', [1, 0, 0, 0]],
    ['the opposite axis', [-1, 0, 0, 0]],
    ['nearly an axis', [1, 1e-9, 0, 0]],
    ['nearly the opposite axis', [-1, 0, 1e-9, 0]],
    ['orthogonal to the axis', [0, 0, -3, 4]],
    ['on the near side', [0.3, -0.2, 0.7, 0.1]],
    ['on the far side', [-0.6, 0.5, 0.2, -0.3]],
  ])('draws unit vectors about µ, symmetric about it: %s', (_, mean) => {
    const norm = Math.sqrt(product(mean, mean));
    const count = 4000;
    const kappa = 6;
    const draw = vonMisesFisherSampler(mean, kappa, randomStream(12, 'sampler test', mean));
    const sum = [0, 0, 0, 0];
    let lengthError = 0;
    for (let n = 0; n < count; n++) {
      const vector = draw();
      lengthError = Math.max(lengthError, Math.abs(product(vector, vector) - 1));
      for (let i = 0; i < 4; i++) sum[i] = (sum[i] as number) + (vector[i] as number) / count;
    }
    expect(lengthError).toBeLessThan(1e-14);
    // Every component has a standard deviation below 1/2 here.
    const ratio = besselRatio(4, kappa);
    for (const [i, component] of mean.entries()) {
      expect(Math.abs((sum[i] as number) - (ratio * component) / norm)).toBeLessThan(4 * (0.5 / Math.sqrt(count)));
    }
  });

  it('keeps the distance to µ that the first axis had, to the last digits of a huge κ', () => {
    const mean = [0.6, 0, -0.8];
    const draw = vonMisesFisherSampler(mean, 1e12, randomStream(13, 'sampler test'));
    const distances = Array.from({ length: 2000 }, () => {
      const vector = draw();
      return mean.reduce((sum, component, i) => sum + (component - (vector[i] as number)) ** 2, 0);
    });
    // κ‖x − µ‖²/2 = κ(1 − ⟨µ, x⟩) is exponential with mean 1.
    const scaled = distances.map((distance) => (1e12 * distance) / 2);
    expect(kolmogorovSmirnov(scaled, (value) => 1 - Math.exp(-value))).toBeLessThan(1.95);
  });

  it('refuses a concentration or a mean direction that is none', () => {
    const random = randomStream(1, 'sampler test');
    expect(() => vonMisesFisherSampler([1, 0], -1, random)).toThrow(RangeError);
    expect(() => vonMisesFisherSampler([1, 0], Number.POSITIVE_INFINITY, random)).toThrow(RangeError);
    expect(() => vonMisesFisherSampler([0, 0], 1, random)).toThrow(RangeError);
    expect(() => vonMisesFisherSampler([1], 1, random)).toThrow(RangeError);
  });
});

describe('uniformDirection', () => {
  it('draws unit vectors, whose components have mean square 1/d', () => {
    const random = randomStream(14, 'sampler test');
    const squares = [0, 0, 0];
    let lengthError = 0;
    for (let n = 0; n < 6000; n++) {
      const vector = uniformDirection(3, random);
      lengthError = Math.max(lengthError, Math.abs(product(vector, vector) - 1));
      for (let i = 0; i < 3; i++) squares[i] = (squares[i] as number) + (vector[i] as number) ** 2 / 6000;
    }
    expect(lengthError).toBeLessThan(1e-14);
    // Var x_i² = 1/5 − 1/9.
    for (const square of squares) expect(Math.abs(square - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / 6000));
  });
});
