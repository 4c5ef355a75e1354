import { Failure } from '../../engine/base/failure.ts';
import { banerjeeConcentration, banerjeeDerivative, exactConcentration } from './concentration.ts';

/** The sums over n sampled minibatch gradients ĝ_i, with x_i = ĝ_i / ‖ĝ_i‖ and S = Σ x_i. */
export interface DirectionalSamples {
  /** d, the number of trainable parameters. */
  readonly dimension: number;
  /** ‖ĝ_i‖, length n ≥ 1. */
  readonly norms: Float64Array;
  /** ‖S‖. */
  readonly resultant: number;
  /** ‖Σ ĝ_i‖ / n. */
  readonly meanGradientNorm: number;
  /** ⟨x_i, S⟩ of the first k ≤ n minibatches; may be empty. */
  readonly jackknifeProducts: Float64Array;
}

/** The statistics of a sample of minibatch gradients. `null` stands for a value that is undefined or infinite. */
export interface DirectionalStatistics {
  /** d. */
  readonly dimension: number;
  /** n, the number of minibatches. */
  readonly samples: number;
  /** r̄ = ‖S‖ / n. */
  readonly resultantLength: number;
  /** κ̂ of the paper (Banerjee 2005); `null` where r̄ = 1. */
  readonly kappa: number | null;
  /** The maximum likelihood estimate of κ; `null` where r̄ = 1. */
  readonly kappaExact: number | null;
  /** ρ̂ = √max(0, (n r̄² − 1) / (n − 1)): ρ̂² before clipping is unbiased for ‖E x‖². `null` for n = 1. */
  readonly debiasedResultantLength: number | null;
  /** κ̂ at r̄ = 1/√n, its value for directions without any preference; `null` for n = 1. */
  readonly noiseFloor: number | null;
  /** Standard error of κ̂: the jackknife's of r̄ times dκ̂/dr̄. */
  readonly kappaStandardError: number | null;
  /**
   * κ̂ at the ends of r̄'s 95 % interval: κ̂ is increasing in r̄ (Lemma 1), so its coverage is that of r̄'s. The interval
   * shows the noise of sampling, not the bias of r̄ near the noise floor. `null` where r̄'s interval reaches 1.
   */
  readonly kappaLower: number | null;
  readonly kappaUpper: number | null;
  /** k, how many minibatches the jackknife was computed from. */
  readonly jackknifeSamples: number;
  /** ‖E ∇f‖ / √tr Cov ∇f by the plug-in of the sample's mean and unbiased covariance. */
  readonly snr: number | null;
  /** E‖∇f‖ / √Var‖∇f‖, likewise. */
  readonly normSnr: number | null;
  /** Mean of ‖ĝ_i‖. */
  readonly meanNorm: number;
  /** ‖Σ ĝ_i‖ / n. */
  readonly meanGradientNorm: number;
}

/** The 97.5 % quantile of the standard normal distribution. */
const NORMAL_QUANTILE = 1.959963984540054;

/**
 * The relative uncertainty of float64 sums over millions of components and thousands of gradients. A smaller spread
 * cannot be distinguished from zero, and its reciprocal is reported as infinite rather than as a random large number.
 */
const SUM_ROUNDING = 1e-12;

/**
 * Computes all statistics of a sample of minibatch gradients from its sums, without the gradients.
 *
 * @throws {Failure} of kind `stage` for an empty sample, more jackknife products than samples, or sums that are no finite
 * numbers within their bounds.
 */
export function directionalStatistics(samples: DirectionalSamples): DirectionalStatistics {
  checkSamples(samples);
  const { dimension, norms, resultant, meanGradientNorm, jackknifeProducts } = samples;
  const count = norms.length;
  const resultantLength = resultantLengthOf(resultant, count);
  const concentration = (length: number) => finiteOrNull(banerjeeConcentration(dimension, length));

  const standardError = jackknifeStandardError(resultant, count, jackknifeProducts);
  const margin = NORMAL_QUANTILE * (standardError ?? 0);
  const meanNorm = mean(norms);
  const normVariance = variance(norms);

  return {
    dimension,
    samples: count,
    resultantLength,
    kappa: concentration(resultantLength),
    kappaExact: finiteOrNull(exactConcentration(dimension, resultantLength)),
    debiasedResultantLength: debiasedResultantLength(resultantLength, count),
    noiseFloor: count > 1 ? concentration(1 / Math.sqrt(count)) : null,
    kappaStandardError:
      standardError === null ? null : finiteOrNull(standardError * banerjeeDerivative(dimension, resultantLength)),
    kappaLower: standardError === null ? null : concentration(Math.max(0, resultantLength - margin)),
    kappaUpper: standardError === null ? null : concentration(Math.min(1, resultantLength + margin)),
    jackknifeSamples: jackknifeProducts.length,
    snr: signalToNoiseRatio(norms, meanGradientNorm),
    normSnr: signalToNoise(meanNorm, normVariance, (SUM_ROUNDING * meanNorm) ** 2),
    meanNorm,
    meanGradientNorm,
  };
}

/** SNR, from ‖ĝ_i‖ and ‖Σ ĝ_i‖ / n. `null` where the covariance is undefined or cannot be distinguished from zero. */
export function signalToNoiseRatio(norms: Float64Array, meanGradientNorm: number): number | null {
  const meanNorm = mean(norms);
  return signalToNoise(
    meanGradientNorm,
    covarianceTrace(norms.length, meanNorm, variance(norms), meanGradientNorm),
    // A relative error ε of M and of ‖ḡ‖ enters the trace as 2 ε M².
    2 * SUM_ROUNDING * meanNorm ** 2,
  );
}

/** r̄ = ‖S‖ / n, and 1 where it cannot be distinguished from 1. */
export function resultantLengthOf(resultant: number, count: number): number {
  return 1 - resultant / count > SUM_ROUNDING ? resultant / count : 1;
}

/** ρ̂ = √max(0, (n r̄² − 1) / (n − 1)); `null` for n = 1. */
export function debiasedResultantLength(resultantLength: number, count: number): number | null {
  if (count < 2) return null;
  return Math.sqrt(Math.max(0, (count * resultantLength * resultantLength - 1) / (count - 1)));
}

/**
 * tr Cov ∇f = Σ ‖ĝ_i − ḡ‖² / (n − 1), with Σ ‖ĝ_i‖² − n ‖ḡ‖² rewritten about the mean norm M:
 * Σ (‖ĝ_i‖ − M)² + n (M − ‖ḡ‖)(M + ‖ḡ‖). Both terms are differences of near numbers, never of their squares.
 */
function covarianceTrace(count: number, meanNorm: number, normVariance: number, meanGradientNorm: number): number {
  const shortening = Math.max(0, meanNorm - meanGradientNorm);
  return normVariance + (count / (count - 1)) * shortening * (meanNorm + meanGradientNorm);
}

/** signal / √variance, or null where the variance is undefined or cannot be distinguished from zero. */
function signalToNoise(signal: number, noiseVariance: number, rounding: number): number | null {
  return noiseVariance > rounding ? signal / Math.sqrt(noiseVariance) : null;
}

/**
 * The delete-one jackknife's standard error of r̄ (Efron: The Jackknife, the Bootstrap and Other Resampling Plans, 1982,
 * ch. 3), var = (n − 1)/n Σ (r̄_(i) − r̄_(·))² with r̄_(i) = ‖S − x_i‖ / (n − 1).
 *
 * With δ_i = ‖S − x_i‖ − ‖S‖ = (1 − 2⟨x_i, S⟩) / (‖S − x_i‖ + ‖S‖), which loses no digits, this is s²/n, s² the sample
 * variance of δ_1 … δ_n (divisor n − 1). When only the first k < n products are known, s² is taken over these: minibatches
 * are drawn independently, so any k of them are a simple random sample of all n, and the sample variance of k is an unbiased
 * estimate of that of n. `null` for k < 2.
 */
function jackknifeStandardError(resultant: number, count: number, products: Float64Array): number | null {
  if (products.length < 2) return null;
  const changes = products.map((product) => {
    const without = Math.sqrt(Math.max(0, resultant * resultant + (1 - 2 * product)));
    return without + resultant > 0 ? (1 - 2 * product) / (without + resultant) : 0;
  });
  return Math.sqrt(variance(changes) / count);
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Unbiased sample variance by two passes; NaN for a single value. */
function variance(values: Float64Array): number {
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) * (value - centre);
  return squares / (values.length - 1);
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function checkSamples(samples: DirectionalSamples): void {
  const fact = findContradiction(samples);
  if (fact) throw new Failure('stage', { fact, fix: 'run the stage that sampled the minibatches again' });
}

function findContradiction(samples: DirectionalSamples): string | undefined {
  const { dimension, norms, resultant, meanGradientNorm, jackknifeProducts } = samples;
  const count = norms.length;
  const slack = 1 + 1e-6;
  if (!Number.isInteger(dimension) || dimension < 2)
    return `the dimension is ${dimension}, not an integer of at least 2`;
  if (count === 0) return 'the sample holds no minibatch';
  if (!norms.every((norm) => norm > 0 && Number.isFinite(norm))) return 'a gradient norm is zero or not finite';
  if (!(resultant >= 0 && resultant <= count * slack)) {
    return `the sum of ${count} unit vectors cannot have length ${resultant}`;
  }
  if (!(meanGradientNorm >= 0 && meanGradientNorm <= mean(norms) * slack)) {
    return `the mean gradient cannot have norm ${meanGradientNorm}: the mean of the norms is ${mean(norms)}`;
  }
  if (jackknifeProducts.length > count) {
    return `there are ${jackknifeProducts.length} jackknife products of ${count} minibatches`;
  }
  if (!jackknifeProducts.every((product) => Math.abs(product) <= resultant * slack + 1e-6)) {
    return 'a jackknife product ⟨x_i, S⟩ is larger than ‖S‖';
  }
  return undefined;
}
