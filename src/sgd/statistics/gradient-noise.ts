/** What a sample of minibatch gradients says about the noise of single examples. `null` stands for a value that is undefined or infinite. */
export interface GradientNoise {
  /** m, the number of examples in a minibatch; `null` where the sample does not say. The quantities below need it. */
  readonly batchSize: number | null;
  /**
   * tr(Σ)/‖g‖² with g = E ∇f and Σ the covariance of one example's gradient (McCandlish, Kaplan, Amodei: An Empirical Model of
   * Large-Batch Training, 2018, eq. 2.9): the minibatch size at which noise and gradient are alike. `null` where ‖g‖² is lost in the noise.
   */
  readonly noiseScale: number | null;
  /** ‖g‖²/tr(Σ), which is SNR²/m without the bias of SNR. Below 0 where ‖g‖² is lost in the noise. It does not depend on m. */
  readonly snrSquaredPerExample: number | null;
  /**
   * E‖Σ_z ∇f_z‖² / E Σ_z ‖∇f_z‖² over the m examples z of a minibatch (Chatterjee, Zielinski: Making Coherence Out of Nothing At All,
   * 2020): 1 where their gradients are orthogonal, m where they are the same.
   */
  readonly mCoherence: number | null;
}

/** Means of squared norms of a sample. */
export interface SquaredNorms {
  /** m. */
  readonly batchSize: number;
  /** Mean of ‖ĝ_i‖². */
  readonly ofOne: number;
  /** k, how many gradients are averaged. */
  readonly groupSize: number;
  /** Mean of ‖(ĝ_1 + … + ĝ_k)/k‖². */
  readonly ofGroup: number;
}

/**
 * Unbiased estimates of ‖g‖² and tr(Σ), from minibatches of m and of k·m examples (McCandlish et al. 2018, appendix A.1).
 *
 * The average of `ofGroup` over all choices of k gradients out of n gives the same estimates whatever k is. So groups of all n say as much
 * as any others, and need no sum but Σ ĝ_i.
 */
export function signalAndNoise({ batchSize, ofOne, groupSize, ofGroup }: SquaredNorms): {
  readonly squaredNorm: number;
  readonly trace: number;
} {
  const [small, large] = [batchSize, groupSize * batchSize];
  return {
    squaredNorm: (large * ofGroup - small * ofOne) / (large - small),
    trace: (ofOne - ofGroup) / (1 / small - 1 / large),
  };
}

/** A relative spread below this cannot be told from rounding: the sums are of millions of components and thousands of gradients. */
const SUM_ROUNDING = 1e-12;

/** The norms of a sample of n minibatch gradients. */
export interface SampleNorms {
  readonly batchSize: number | null;
  /** ‖ĝ_i‖, length n. */
  readonly norms: Float64Array;
  /** ‖Σ ĝ_i‖ / n. */
  readonly meanGradientNorm: number;
}

/**
 * Noise scale and coherence of a sample.
 *
 * Batch normalisation connects the examples of a minibatch, so that one example has no gradient of its own. There, Σ is m times the covariance of
 * minibatch gradients. That minibatches are drawn without replacement is left out: it is a factor of (n − m)/(n − 1) for n examples in all.
 */
export function gradientNoise({ batchSize, norms, meanGradientNorm }: SampleNorms): GradientNoise {
  const undefinedNoise = { batchSize, noiseScale: null, snrSquaredPerExample: null, mCoherence: null };
  if (batchSize === null || norms.length < 2) return undefinedNoise;
  const ofOne = norms.reduce((sum, norm) => sum + norm * norm, 0) / norms.length;
  const measured = signalAndNoise({ batchSize, ofOne, groupSize: norms.length, ofGroup: meanGradientNorm ** 2 });
  const isConstant = measured.trace <= 2 * SUM_ROUNDING * batchSize * ofOne;
  const trace = isConstant ? 0 : measured.trace;
  const { squaredNorm } = measured;
  return {
    batchSize,
    noiseScale: squaredNorm > 0 ? trace / squaredNorm : null,
    snrSquaredPerExample: trace > 0 ? squaredNorm / trace : null,
    mCoherence: (batchSize * ofOne) / (squaredNorm + trace),
  };
}

/**
 * The effective dimension of directions: the participation ratio (tr M)²/tr M² = 1/E⟨x, x′⟩² of M = E xxᵀ, with x and x′ independent. d for
 * directions without any preference, k where they are alike in k dimensions, 1 where all lie on one line. `null` without any product.
 *
 * @param cosines ⟨x_i, x_{i+1}⟩ of samples that were drawn one after the other
 */
export function effectiveDimension(cosines: Float64Array): number | null {
  const squares = cosines.reduce((sum, cosine) => sum + cosine * cosine, 0);
  return squares > 0 ? cosines.length / squares : null;
}
