import { banerjeeConcentration } from './concentration.ts';
import { type GradientNoise, gradientNoise } from './gradient-noise.ts';
import { debiasedResultantLength, resultantLengthOf, signalToNoiseRatio } from './statistics.ts';

/** The sums of one group of parameters: of a layer's kernel, for example. Directions are those of the group's part of the gradient. */
export interface GroupSamples {
  readonly name: string;
  /** d of the group. */
  readonly dimension: number;
  /** ‖ĝ_i‖, length n ≥ 1. */
  readonly norms: Float64Array;
  /** ‖Σ ĝ_i‖ / n. */
  readonly meanGradientNorm: number;
  /** k, the number of directions. */
  readonly directions: number;
  /** ‖Σ x_i‖ of these. */
  readonly resultant: number;
}

/** The statistics of one group of parameters. `null` stands for a value that is undefined or infinite. */
export interface GroupStatistics extends Omit<GradientNoise, 'batchSize'> {
  readonly name: string;
  readonly dimension: number;
  /** n, the number of gradients. */
  readonly samples: number;
  /** k, the number of directions that κ̂ is estimated from. */
  readonly directions: number;
  readonly resultantLength: number;
  readonly debiasedResultantLength: number | null;
  readonly kappa: number | null;
  /** κ̂ of k directions without any preference. */
  readonly noiseFloor: number | null;
  readonly snr: number | null;
}

/** @param batchSize m, or null where nobody knows it */
export function groupStatistics(
  { name, dimension, norms, meanGradientNorm, directions, resultant }: GroupSamples,
  batchSize: number | null,
): GroupStatistics {
  const resultantLength = resultantLengthOf(resultant, directions);
  // The direction of a single number is its sign, which has no concentration.
  const concentration = (length: number) =>
    dimension > 1 && length < 1 ? banerjeeConcentration(dimension, length) : null;
  const { batchSize: _, ...noise } = gradientNoise({ batchSize, norms, meanGradientNorm });
  return {
    name,
    dimension,
    samples: norms.length,
    directions,
    resultantLength,
    debiasedResultantLength: debiasedResultantLength(resultantLength, directions),
    kappa: concentration(resultantLength),
    noiseFloor: directions > 1 ? concentration(1 / Math.sqrt(directions)) : null,
    snr: signalToNoiseRatio(norms, meanGradientNorm),
    ...noise,
  };
}
