/** The quantities of Theorem 1: the gradients of n examples at one point, and minibatches of m of them. */
export interface MinibatchNormMoments {
  /** n */
  readonly examples: number;
  /** m */
  readonly batchSize: number;
  /** ‖g‖, of the mean of all gradients. */
  readonly gradientNorm: number;
  /** E‖ĝ‖ over minibatches. */
  readonly meanNorm: number;
  /** Var‖ĝ‖ over minibatches. */
  readonly normVariance: number;
  /** γ = max |⟨g_i, g_j⟩|, which is max ‖g_i‖². */
  readonly largestProduct: number;
}

/**
 * Moments of ‖ĝ‖ over all minibatches of m different examples, every one of them enumerated: exact up to rounding.
 *
 * @param gram ⟨g_i, g_j⟩ row by row, n × n; C(n, m) minibatches are enumerated
 */
export function exactNormMoments(gram: readonly (readonly number[])[], batchSize: number): MinibatchNormMoments {
  const examples = gram.length;
  const norms = [...minibatchSquares(gram, batchSize)].map((square) => Math.sqrt(Math.max(0, square)) / batchSize);
  const meanNorm = mean(norms);
  const [all = 0] = minibatchSquares(gram, examples);
  return {
    examples,
    batchSize,
    gradientNorm: Math.sqrt(Math.max(0, all)) / examples,
    meanNorm,
    normVariance: mean(norms.map((norm) => (norm - meanNorm) ** 2)),
    largestProduct: Math.max(...gram.flatMap((row) => row.map(Math.abs))),
  };
}

/** ‖Σ_{i∈I} g_i‖² of every I of m examples: each new member adds its own square and twice its products with the others. */
function* minibatchSquares(
  gram: readonly (readonly number[])[],
  remaining: number,
  first = 0,
  members: readonly number[] = [],
  square = 0,
): Generator<number> {
  if (remaining === 0) {
    yield square;
    return;
  }
  for (let next = first; next <= gram.length - remaining; next++) {
    const row = gram[next] as readonly number[];
    const products = members.reduce((sum, member) => sum + (row[member] as number), 0);
    yield* minibatchSquares(
      gram,
      remaining - 1,
      next + 1,
      [...members, next],
      square + (row[next] as number) + 2 * products,
    );
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A quantity and its upper bound. */
export interface Bounded {
  readonly measured: number;
  readonly bound: number;
}

/**
 * The four inequalities of Theorem 1, with s = (n − m)/(m(n − 1)): ‖g‖ ≤ E‖ĝ‖; E‖ĝ‖ − ‖g‖ ≤ 2sγ/(E‖ĝ‖ + ‖g‖);
 * Var‖ĝ‖ ≤ 2sγ; √Var‖ĝ‖/E‖ĝ‖ ≤ √(2sγ/‖g‖²).
 */
export function theorem1Bounds(moments: MinibatchNormMoments): {
  readonly nonNegative: Bounded;
  readonly mean: Bounded;
  readonly variance: Bounded;
  readonly stochasticity: Bounded;
} {
  const { examples, batchSize, gradientNorm, meanNorm, normVariance, largestProduct } = moments;
  const spread = (2 * (examples - batchSize) * largestProduct) / (batchSize * (examples - 1));
  return {
    nonNegative: { measured: gradientNorm, bound: meanNorm },
    mean: { measured: meanNorm - gradientNorm, bound: spread / (meanNorm + gradientNorm) },
    variance: { measured: normVariance, bound: spread },
    stochasticity: { measured: Math.sqrt(normVariance) / meanNorm, bound: Math.sqrt(spread) / gradientNorm },
  };
}
