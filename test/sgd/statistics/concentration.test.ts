import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  banerjeeConcentration,
  banerjeeDerivative,
  besselRatio,
  correctedConcentration,
  exactConcentration,
} from '../../../src/sgd/statistics/concentration.ts';

const relativeError = (value: number, reference: number) => Math.abs(value / reference - 1);

/** Log-uniform on [10^least, 10^most]. */
const magnitude = (least: number, most: number) =>
  fc.double({ min: least, max: most, noNaN: true }).map((exponent) => 10 ** exponent);
const anyDimension = magnitude(Math.log10(2), 6).map((value) => Math.max(2, Math.round(value)));

/** I_{d/2}(κ) / I_{d/2−1}(κ) from the power series of both, all of whose terms are positive; for κ² not far above 2d. */
function ratioBySeries(dimension: number, kappa: number): number {
  const half = dimension / 2;
  const quarter = (kappa * kappa) / 4;
  const series = (parameter: number) => {
    let term = 1;
    let sum = 1;
    for (let j = 1; term > sum * 1e-18; j++) {
      term *= quarter / (j * (parameter + j - 1));
      sum += term;
    }
    return sum;
  };
  return ((kappa / dimension) * series(half + 1)) / series(half);
}

describe('besselRatio', () => {
  it('is coth κ − 1/κ in three dimensions', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 400, noNaN: true }), (kappa) => {
        expect(relativeError(besselRatio(3, kappa), 1 / Math.tanh(kappa) - 1 / kappa)).toBeLessThan(1e-14);
      }),
    );
  });

  it('agrees with the tables of e^−x I₁(x) and e^−x I₀(x) in two dimensions', () => {
    // Abramowitz, Stegun: Handbook of Mathematical Functions, table 9.8.
    const table: [x: number, i1: number, i0: number][] = [
      [1, 0.2079104154, 0.4657596077],
      [2, 0.2152692892, 0.3085083225],
      [5, 0.1639722669, 0.1835408126],
      [10, 0.1212626814, 0.1278333372],
    ];
    for (const [x, i1, i0] of table) expect(relativeError(besselRatio(2, x), i1 / i0)).toBeLessThan(1e-9);
  });

  it.each([
    // mpmath, 50 digits: quotients of besseli, and above d = 10⁵ the continued fraction 30,000 terms deep.
    [2, 0.001, 0.0004999999375000105],
    [2, 7.5, 0.9307247343491271],
    [2, 1000, 0.9994998748748043],
    [2, 1e6, 0.999999499999875],
    [4, 0.5, 0.12371792827832073],
    [5, 20, 0.9026315789473685],
    [10, 1e-6, 9.999999999999916e-8],
    [10, 10, 0.6336683916233053],
    [10, 1e6, 0.999995500007875],
    [101, 37, 0.32763415406701885],
    [1000, 1000, 0.6181868129101049],
    [171_568, 3133, 0.018254895827979675],
    [635_200, 11_601, 0.01825745119388151],
    [635_200, 1e6, 0.7316236511636807],
    [1_915_200, 1.83e6, 0.6053579949528021],
    [1_000_000, 10, 9.999999999000002e-6],
    [1_000_000, 5e6, 0.9049876432014553],
  ])('agrees with 50-digit arithmetic at d = %d, κ = %d', (dimension, kappa, reference) => {
    expect(relativeError(besselRatio(dimension, kappa), reference)).toBeLessThan(4e-15);
  });

  it('agrees with the quotient of the power series', () => {
    fc.assert(
      fc.property(anyDimension, fc.double({ min: 1e-3, max: 30, noNaN: true }), (dimension, scaled) => {
        const kappa = scaled * Math.sqrt(dimension / 2);
        expect(relativeError(besselRatio(dimension, kappa), ratioBySeries(dimension, kappa))).toBeLessThan(1e-13);
      }),
    );
  });

  it('satisfies 1 / A_d(κ) = d/κ + A_{d+2}(κ)', () => {
    fc.assert(
      fc.property(anyDimension, magnitude(-6, 8), (dimension, kappa) => {
        const next = dimension / kappa + besselRatio(dimension + 2, kappa);
        expect(relativeError(1 / besselRatio(dimension, kappa), next)).toBeLessThan(1e-13);
      }),
    );
  });

  it('follows 1 − (d − 1)/(2κ) for a huge concentration, without overflow', () => {
    for (const kappa of [1e9, 1e12]) expect((1 - besselRatio(10, kappa)) * kappa).toBeCloseTo(4.5, 2);
    expect(besselRatio(10, 1e300)).toBe(1);
    expect(besselRatio(10, Number.POSITIVE_INFINITY)).toBe(1);
    expect(besselRatio(10, 0)).toBe(0);
    expect(relativeError(besselRatio(10, 1e-300), 1e-301)).toBeLessThan(1e-15);
  });

  it('refuses what has no ratio', () => {
    expect(() => besselRatio(10, -1)).toThrow(RangeError);
    expect(() => besselRatio(10, Number.NaN)).toThrow(RangeError);
    expect(() => besselRatio(1, 1)).toThrow(RangeError);
    expect(() => besselRatio(2.5, 1)).toThrow(RangeError);
  });
});

describe('exactConcentration', () => {
  it('inverts the ratio for every dimension', () => {
    fc.assert(
      fc.property(anyDimension, magnitude(-6, 9), (dimension, kappa) => {
        const ratio = besselRatio(dimension, kappa);
        fc.pre(ratio < 1);
        expect(relativeError(exactConcentration(dimension, ratio), kappa)).toBeLessThan(1e-14 + 5e-14 / (1 - ratio));
      }),
      { numRuns: 500 },
    );
  });

  it('lies in the bounds r̄(d − 2)/(1 − r̄²) and r̄ d/(1 − r̄²)', () => {
    // Tanabe, Fukumizu, Oba, Takenouchi, Ishii: Computational Statistics 22, 2007, theorem 2.
    fc.assert(
      fc.property(anyDimension, fc.double({ min: 1e-6, max: 0.999999, noNaN: true }), (dimension, r) => {
        const kappa = exactConcentration(dimension, r);
        const rounding = 1 + 1e-7;
        expect(kappa * rounding).toBeGreaterThanOrEqual((r * (dimension - 2)) / (1 - r * r));
        expect(kappa).toBeLessThanOrEqual(((r * dimension) / (1 - r * r)) * rounding);
      }),
    );
  });

  it('stays sound up to the last float64 below 1', () => {
    for (const dimension of [2, 3, 10, 1000, 1e6]) {
      for (const gap of [1e-3, 1e-8, 1e-12, 2 ** -53]) {
        const scaled = (exactConcentration(dimension, 1 - gap) * 2 * (1 - (1 - gap))) / (dimension - 1);
        expect(Math.abs(scaled - 1)).toBeLessThan(gap + 1e-6);
      }
      expect(exactConcentration(dimension, 0)).toBe(0);
      expect(exactConcentration(dimension, 1)).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it.each([-0.1, 1.1, Number.NaN])('refuses the resultant length %d', (r) => {
    expect(() => exactConcentration(10, r)).toThrow(RangeError);
    expect(() => banerjeeConcentration(10, r)).toThrow(RangeError);
    expect(() => correctedConcentration(10, r)).toThrow(RangeError);
  });
});

describe('correctedConcentration', () => {
  const lengths = [0.001, 0.01, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999];

  it.each([1e5, 171_568, 635_200, 1e6, 1_915_200])('equals the exact estimate to 2.4e-11 at d = %d', (dimension) => {
    const errors = lengths.map((r) =>
      relativeError(correctedConcentration(dimension, r), exactConcentration(dimension, r)),
    );
    expect(Math.max(...errors)).toBeLessThan(2.4e-11);
    const uncorrected = lengths.map((r) =>
      relativeError(banerjeeConcentration(dimension, r), exactConcentration(dimension, r)),
    );
    expect(Math.max(...uncorrected)).toBeGreaterThan(1e3 * Math.max(...errors));
  });
});

describe('banerjeeConcentration', () => {
  it.each([
    [635_200, 11_601],
    [1_915_200, 34_978],
    [171_568, 3133],
  ])('puts the noise floor of 3000 minibatches at d = %d to %d', (dimension, floor) => {
    expect(Math.round(banerjeeConcentration(dimension, 1 / Math.sqrt(3000)))).toBe(floor);
  });

  it('increases strictly, with the derivative of Lemma 1', () => {
    fc.assert(
      fc.property(anyDimension, fc.double({ min: 0.01, max: 0.98, noNaN: true }), (dimension, r) => {
        const step = 1e-5;
        const difference =
          (banerjeeConcentration(dimension, r + step) - banerjeeConcentration(dimension, r - step)) / (2 * step);
        expect(difference).toBeGreaterThan(0);
        expect(relativeError(banerjeeDerivative(dimension, r), difference)).toBeLessThan(1e-5);
      }),
    );
  });

  it('is 0 at 0, and infinite at 1', () => {
    expect(banerjeeConcentration(100, 0)).toBe(0);
    expect(banerjeeConcentration(100, 1)).toBe(Number.POSITIVE_INFINITY);
  });
});
