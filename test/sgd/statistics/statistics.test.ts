import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/engine/base/failure.ts';
import { randomStream } from '../../../src/engine/base/random.ts';
import { GradientAccumulator } from '../../../src/sgd/statistics/accumulator.ts';
import { banerjeeConcentration, besselRatio, exactConcentration } from '../../../src/sgd/statistics/concentration.ts';
import { vonMisesFisherSampler } from '../../../src/sgd/statistics/sampler.ts';
import { type DirectionalSamples, directionalStatistics } from '../../../src/sgd/statistics/statistics.ts';

type Vector = readonly number[];

const length = (vector: Vector) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
const minus = (a: Vector, b: Vector) => a.map((value, i) => value - (b[i] as number));
const total = (vectors: readonly Vector[]) =>
  (vectors[0] ?? []).map((_, i) => vectors.reduce((sum, vector) => sum + (vector[i] as number), 0));
const mean = (values: Vector) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: Vector) =>
  values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1);
const relativeError = (value: number | null, reference: number) => Math.abs((value ?? Number.NaN) / reference - 1);

/** float32 gradients of directions drawn from VMF(e₁, κ), with norms spread about `scale`. */
function drawGradients(count: number, dimension: number, kappa: number, seed: number, scale = 1): Vector[] {
  const random = randomStream(seed, 'statistics test');
  const draw = vonMisesFisherSampler([1, ...new Array<number>(dimension - 1).fill(0)], kappa, random);
  return Array.from({ length: count }, () => {
    const norm = scale * Math.exp(0.3 * random.normal());
    return Array.from(draw(), (component) => Math.fround(component * norm));
  });
}

function summarize(gradients: readonly Vector[], jackknifed = gradients.length): DirectionalSamples {
  const dimension = gradients[0]?.length ?? 0;
  const accumulator = new GradientAccumulator(dimension);
  const float32 = gradients.map((gradient) => Float32Array.from(gradient));
  for (const gradient of float32) accumulator.add(gradient);
  return {
    dimension,
    norms: accumulator.norms,
    resultant: accumulator.resultant(),
    meanGradientNorm: accumulator.meanGradientNorm(),
    jackknifeProducts: Float64Array.from(float32.slice(0, jackknifed), (x) => accumulator.jackknifeProduct(x)),
  };
}

/** The statistics by their definitions, from gradients that are kept. */
function byDefinition(gradients: readonly Vector[]) {
  const count = gradients.length;
  const norms = gradients.map(length);
  const directions = gradients.map((gradient, i) => gradient.map((value) => value / (norms[i] as number)));
  const centre = total(gradients).map((value) => value / count);
  const covarianceTrace = gradients.reduce((sum, g) => sum + length(minus(g, centre)) ** 2, 0) / (count - 1);
  const r = length(total(directions)) / count;
  const leftOut = directions.map((_, out) => length(total(directions.filter((__, i) => i !== out))) / (count - 1));
  const jackknifeVariance =
    ((count - 1) / count) * leftOut.reduce((sum, value) => sum + (value - mean(leftOut)) ** 2, 0);
  return {
    resultantLength: r,
    snr: length(centre) / Math.sqrt(covarianceTrace),
    normSnr: mean(norms) / Math.sqrt(variance(norms)),
    meanNorm: mean(norms),
    meanGradientNorm: length(centre),
    standardError: Math.sqrt(jackknifeVariance),
  };
}

describe('directionalStatistics', () => {
  it.each([
    ['uniform', 40, 6, 0, 1],
    ['moderately concentrated', 60, 5, 12, 1e-3],
    ['in the plane', 25, 2, 1.5, 1e4],
    ['two minibatches', 2, 4, 3, 1],
  ])('agrees with the definitions and with brute-force leave-one-out: %s', (_, count, dimension, kappa, scale) => {
    const gradients = drawGradients(count, dimension, kappa, 1, scale);
    const expected = byDefinition(gradients);
    const r = expected.resultantLength;
    const statistics = directionalStatistics(summarize(gradients));

    expect(statistics.dimension).toBe(dimension);
    expect(statistics.samples).toBe(count);
    expect(statistics.jackknifeSamples).toBe(count);
    for (const name of ['resultantLength', 'snr', 'normSnr', 'meanNorm', 'meanGradientNorm'] as const) {
      expect(relativeError(statistics[name], expected[name])).toBeLessThan(1e-11);
    }
    expect(relativeError(statistics.kappa, (r * (dimension - r * r)) / (1 - r * r))).toBeLessThan(1e-11);
    expect(relativeError(besselRatio(dimension, statistics.kappaExact ?? Number.NaN), r)).toBeLessThan(1e-11);
    expect(statistics.debiasedResultantLength).toBeCloseTo(
      Math.sqrt(Math.max(0, (count * r * r - 1) / (count - 1))),
      10,
    );
    expect(
      relativeError(statistics.noiseFloor, (dimension - 1 / count) / Math.sqrt(count) / (1 - 1 / count)),
    ).toBeLessThan(1e-12);

    const lower = Math.max(0, r - 1.959964 * expected.standardError);
    expect(statistics.kappaLower).toBeCloseTo(banerjeeConcentration(dimension, lower), 5);
    if (r + 1.96 * expected.standardError < 1) {
      const upper = banerjeeConcentration(dimension, r + 1.959964 * expected.standardError);
      expect(relativeError(statistics.kappaUpper, upper)).toBeLessThan(1e-5);
    } else {
      expect(statistics.kappaUpper).toBeNull();
    }
    const step = 1e-6;
    const slope =
      (banerjeeConcentration(dimension, r + step) - banerjeeConcentration(dimension, r - step)) / (2 * step);
    const standardError = slope * expected.standardError;
    // Of two minibatches either one left out leaves r̄ = 1, and the jackknife sees no spread at all.
    expect(Math.abs((statistics.kappaStandardError ?? Number.NaN) - standardError)).toBeLessThan(
      1e-6 * standardError + 1e-12,
    );
  });

  it('loses no digits where the gradients are nearly parallel', () => {
    const gradients = drawGradients(50, 5, 1e8, 2);
    const expected = byDefinition(gradients);
    const statistics = directionalStatistics(summarize(gradients));
    const deficit = 1 - expected.resultantLength;
    expect(deficit).toBeLessThan(1e-7);
    expect(relativeError(1 - statistics.resultantLength, deficit)).toBeLessThan(1e-6);
    expect(relativeError(statistics.snr, expected.snr)).toBeLessThan(1e-9);
    // Brute-force leave-one-out itself keeps some six digits here.
    const slope = (statistics.kappaStandardError ?? Number.NaN) / expected.standardError;
    expect(relativeError(slope, (2 * (5 - 1)) / (4 * deficit * deficit))).toBeLessThan(1e-4);
  });

  it('has a trace of the covariance right to rounding where only the norms vary', () => {
    const gradients = [1, 2, 3, 4].map((norm) => [norm, 0, 0]);
    const statistics = directionalStatistics(summarize(gradients));
    expect(statistics.snr).toBeCloseTo(2.5 / Math.sqrt(5 / 3), 14);
    expect(statistics.normSnr).toBeCloseTo(2.5 / Math.sqrt(5 / 3), 14);
    expect(statistics.kappa).toBeNull();
    expect(statistics.kappaExact).toBeNull();
  });

  it('estimates the jackknife variance from any k products without bias', () => {
    const all = summarize(drawGradients(7, 3, 4, 3));
    const squaredError = (products: readonly number[]) =>
      (directionalStatistics({ ...all, jackknifeProducts: Float64Array.from(products) }).kappaStandardError ??
        Number.NaN) ** 2;
    const products = [...all.jackknifeProducts];
    const subsets = products.flatMap((a, i) =>
      products.slice(i + 1).flatMap((b, j) => products.slice(i + j + 2).map((c) => [a, b, c])),
    );
    expect(subsets).toHaveLength(35);
    expect(relativeError(mean(subsets.map(squaredError)), squaredError(products))).toBeLessThan(1e-12);
  });

  it('satisfies SNR = ρ / √(1 + normSNR⁻² − ρ²) where norms and directions are independent', () => {
    // All pairs of a direction and a norm: independent exactly, under the sample's own distribution.
    const directions = drawGradients(12, 4, 3, 4).map((gradient) => gradient.map((v) => v / length(gradient)));
    const norms = [0.5, 1, 1.25, 3];
    const gradients = directions.flatMap((x) => norms.map((norm) => x.map((value) => Math.fround(value * norm))));
    const { snr, normSnr, resultantLength } = directionalStatistics(summarize(gradients));
    // The identity is about the distribution, whose variances have divisor n.
    const inflation = Math.sqrt(gradients.length / (gradients.length - 1));
    const distributionSnr = (snr ?? Number.NaN) * inflation;
    const distributionNormSnr = (normSnr ?? Number.NaN) * inflation;
    const identity = resultantLength / Math.sqrt(1 + distributionNormSnr ** -2 - resultantLength ** 2);
    expect(relativeError(distributionSnr, identity)).toBeLessThan(1e-6);
  });

  it('has an interval that covers the true value about 95 times in 100', () => {
    const [dimension, kappa, count, repetitions] = [20, 15, 100, 400];
    const truth = banerjeeConcentration(dimension, besselRatio(dimension, kappa));
    let covered = 0;
    for (let seed = 0; seed < repetitions; seed++) {
      const { kappaLower, kappaUpper } = directionalStatistics(
        summarize(drawGradients(count, dimension, kappa, 100 + seed)),
      );
      if ((kappaLower ?? Number.NaN) <= truth && truth <= (kappaUpper ?? Number.NaN)) covered++;
    }
    expect(covered / repetitions).toBeGreaterThan(0.91);
    expect(covered / repetitions).toBeLessThan(0.985);
  });

  it('puts directions without preference at the noise floor', () => {
    const { kappa, noiseFloor, debiasedResultantLength } = directionalStatistics(
      summarize(drawGradients(400, 2000, 0, 5), 0),
    );
    expect(relativeError(kappa, noiseFloor ?? Number.NaN)).toBeLessThan(0.05);
    expect(debiasedResultantLength).toBeLessThan(0.03);
  });

  it('leaves undefined and infinite values out', () => {
    const same = directionalStatistics(summarize([1, 2, 3].map(() => [0.1, 0.2, 0.3])));
    expect(same).toMatchObject({
      resultantLength: 1,
      kappa: null,
      kappaExact: null,
      kappaStandardError: null,
      kappaLower: null,
      kappaUpper: null,
      snr: null,
      normSnr: null,
      debiasedResultantLength: 1,
    });
    const single = directionalStatistics(summarize([[1, 2, 3]]));
    expect(single).toMatchObject({ samples: 1, kappa: null, snr: null, normSnr: null, noiseFloor: null });
    expect(single.debiasedResultantLength).toBeNull();
    const opposed = directionalStatistics(
      summarize([
        [1, 0],
        [-1, 0],
      ]),
    );
    expect(opposed).toMatchObject({ resultantLength: 0, kappa: 0, kappaExact: 0, snr: 0, debiasedResultantLength: 0 });
    const oneProduct = directionalStatistics(summarize(drawGradients(5, 3, 1, 6), 1));
    expect(oneProduct).toMatchObject({
      jackknifeSamples: 1,
      kappaStandardError: null,
      kappaLower: null,
      kappaUpper: null,
    });
    expect(oneProduct.kappa).toBeGreaterThan(0);
    for (const statistics of [same, single, opposed, oneProduct]) {
      for (const value of Object.values(statistics)) expect(value === null || Number.isFinite(value)).toBe(true);
    }
  });

  const good: DirectionalSamples = {
    dimension: 3,
    norms: Float64Array.of(1, 2),
    resultant: 1.5,
    meanGradientNorm: 1.2,
    jackknifeProducts: Float64Array.of(1, 1),
  };

  it.each<[string, Partial<DirectionalSamples>]>([
    ['holds no minibatch', { norms: new Float64Array(0) }],
    ['the dimension is 1', { dimension: 1 }],
    ['zero or not finite', { norms: Float64Array.of(1, 0) }],
    ['zero or not finite', { norms: Float64Array.of(1, Number.NaN) }],
    ['cannot have length 2.5', { resultant: 2.5 }],
    ['cannot have length NaN', { resultant: Number.NaN }],
    ['cannot have norm 1.6', { meanGradientNorm: 1.6 }],
    ['3 jackknife products of 2 minibatches', { jackknifeProducts: Float64Array.of(1, 1, 1) }],
    ['larger than ‖S‖', { jackknifeProducts: Float64Array.of(1, 1.7) }],
  ])('refuses sums that contradict each other: %s', (fact, change) => {
    expect(directionalStatistics(good).kappa).toBeGreaterThan(0);
    expect(() => directionalStatistics({ ...good, ...change })).toThrow(Failure);
    expect(() => directionalStatistics({ ...good, ...change })).toThrow(fact);
  });
});

describe('the estimators on synthetic samples', () => {
  it.each([
    [2, 1.5, 20_000],
    [3, 40, 10_000],
    [10, 4, 5000],
    [100, 300, 1000],
    [1000, 200, 1000],
    [100_000, 60_000, 40],
    [1_000_000, 1_000_000, 8],
  ])('recover κ within its statistical error: d = %d, κ = %d, n = %d', (dimension, kappa, count) => {
    const random = randomStream(7, 'recovery test', { dimension });
    const mean = Float32Array.from({ length: dimension }, () => random.normal());
    const draw = vonMisesFisherSampler(mean, kappa, random);
    const accumulator = new GradientAccumulator(dimension);
    for (let i = 0; i < count; i++) accumulator.add(Float32Array.from(draw()));
    const { resultantLength, debiasedResultantLength } = directionalStatistics({
      dimension,
      norms: accumulator.norms,
      resultant: accumulator.resultant(),
      meanGradientNorm: accumulator.meanGradientNorm(),
      jackknifeProducts: new Float64Array(0),
    });
    // The inverse of Fisher's information of κ in n samples, n Var⟨µ, x⟩.
    const ratio = besselRatio(dimension, kappa);
    const projectionVariance = 1 - ratio * ratio - ((dimension - 1) * ratio) / kappa;
    const standardError = 1 / Math.sqrt(count * projectionVariance);
    const debiased = exactConcentration(dimension, debiasedResultantLength ?? Number.NaN);
    expect(Math.abs(debiased - kappa)).toBeLessThan(4 * standardError);
    // E r̄² = ρ² + (1 − ρ²)/n: what the paper's κ̂ estimates at a finite n.
    const expected = banerjeeConcentration(dimension, Math.sqrt(ratio * ratio + (1 - ratio * ratio) / count));
    expect(Math.abs(banerjeeConcentration(dimension, resultantLength) - expected)).toBeLessThan(4.5 * standardError);
  });
});
