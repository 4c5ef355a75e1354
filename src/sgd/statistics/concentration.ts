/**
 * The concentration κ of a von Mises–Fisher distribution on the unit sphere of R^d, from the mean resultant length r̄.
 *
 * The exact estimate solves A_d(κ) = r̄ with A_d(κ) = I_{d/2}(κ) / I_{d/2−1}(κ). The Bessel functions themselves leave
 * the range of float64 long before d = 10⁵, so only their ratio is ever computed.
 */

/**
 * κ̂ = r̄ (d − r̄²) / (1 − r̄²), the estimate that the paper reports (Banerjee, Dhillon, Ghosh, Sra: Clustering on the Unit
 * Hypersphere using von Mises-Fisher Distributions, JMLR 6, 2005, eq. 4.4). Strictly increasing in r̄ (the paper's Lemma 1).
 *
 * @param resultantLength r̄ in [0, 1]; 1 gives Infinity.
 * @throws {RangeError} for r̄ outside [0, 1] or a dimension that is not an integer of at least 2.
 */
export function banerjeeConcentration(dimension: number, resultantLength: number): number {
  checkArguments(dimension, resultantLength);
  const r = resultantLength;
  return (r * (dimension - r * r)) / ((1 - r) * (1 + r));
}

/**
 * dκ̂/dr̄ = (d + (d − 3) r̄² + r̄⁴) / (1 − r̄²)² of {@link banerjeeConcentration}. The derivative printed with the paper's
 * Lemma 1 differs; this one follows from the quotient rule.
 *
 * @throws {RangeError} as {@link banerjeeConcentration}.
 */
export function banerjeeDerivative(dimension: number, resultantLength: number): number {
  checkArguments(dimension, resultantLength);
  const square = resultantLength * resultantLength;
  const gap = (1 - resultantLength) * (1 + resultantLength);
  return (dimension + (dimension - 3) * square + square * square) / (gap * gap);
}

/**
 * κ̂ − r̄³ / (1 + r̄²): the next term of the expansion of the exact estimate in 1/d. Within 2.4·10⁻¹¹ of it for
 * d ≥ 10⁵ (relative; falls with d²), and of no use for small d, where {@link exactConcentration} is as cheap.
 *
 * @throws {RangeError} as {@link banerjeeConcentration}.
 */
export function correctedConcentration(dimension: number, resultantLength: number): number {
  const r = resultantLength;
  return banerjeeConcentration(dimension, r) - (r * r * r) / (1 + r * r);
}

/**
 * The maximum likelihood estimate of κ: solves A_d(κ) = r̄ by Newton's method, A_d′ = 1 − A_d² − (d − 1) A_d / κ.
 * Relative error below 5·10⁻¹⁴ / (1 − r̄); the last bit of r̄ itself moves κ by about 10⁻¹⁶ / (1 − r̄).
 *
 * @param resultantLength r̄ in [0, 1]; 0 gives 0, and 1 gives Infinity.
 * @throws {RangeError} as {@link banerjeeConcentration}.
 */
export function exactConcentration(dimension: number, resultantLength: number): number {
  checkArguments(dimension, resultantLength);
  if (resultantLength === 0) return 0;
  if (resultantLength === 1) return Number.POSITIVE_INFINITY;
  const r = resultantLength;
  const order = dimension / 2 - 1;
  // An upper bound of the ratio gives a lower bound of κ, and the other way round.
  const least = invertAmosBound(order, simpsonSpector(order), r);
  const most = invertAmosBound(order, amos(order), r);
  const clamp = (kappa: number) => Math.min(most, Math.max(least, kappa));
  const tolerance = (2 * Number.EPSILON) / (1 - r);
  let kappa = clamp(correctedConcentration(dimension, r));
  // Quadratic convergence: six steps are the most seen for d from 2 to 10⁷. The bracket, not the count, is what keeps the
  // result sound where r̄ → 1 and the derivative drowns in rounding: there it is narrower than the tolerance.
  for (let step = 0; step < 32; step++) {
    const ratio = besselRatio(dimension, kappa);
    if (ratio === r) break;
    const derivative = 1 - ratio * ratio - ((dimension - 1) * ratio) / kappa;
    const next = clamp(kappa - (ratio - r) / derivative);
    const settled = Math.abs(next - kappa) <= tolerance * kappa;
    kappa = next;
    if (settled) break;
  }
  return kappa;
}

/**
 * A_d(κ) = I_{d/2}(κ) / I_{d/2−1}(κ), the mean of ⟨µ, x⟩ under VMF(µ, κ).
 *
 * Gauss's continued fraction, evaluated backward: r_{ν−1} = κ / (2ν + κ r_ν) with r_ν = I_{ν+1} / I_ν. It starts from both an
 * upper and a lower bound of the tail (see {@link amos} and {@link simpsonSpector}), deeper and deeper until the two meet:
 * every step shrinks their distance by r², and where r → 1 the bounds already agree.
 *
 * @param kappa κ ≥ 0; Infinity gives 1.
 * @throws {RangeError} for a negative κ, NaN, or a dimension that is not an integer of at least 2.
 */
export function besselRatio(dimension: number, kappa: number): number {
  checkDimension(dimension);
  if (!(kappa >= 0)) throw new RangeError(`a concentration is at least 0, not ${kappa}`);
  if (kappa === 0) return 0;
  if (kappa === Number.POSITIVE_INFINITY) return 1;
  const order = dimension / 2 - 1;
  for (let depth = 0; ; depth = 2 * depth + 8) {
    const tail = order + depth;
    let first = amosBound(tail, amos(tail), kappa);
    let second = amosBound(tail, simpsonSpector(tail), kappa);
    for (let step = depth; step > 0; step--) {
      const twice = 2 * (order + step);
      first = kappa / (twice + kappa * first);
      second = kappa / (twice + kappa * second);
    }
    if (Math.abs(first - second) <= 4 * Number.EPSILON * first) return (first + second) / 2;
  }
}

/**
 * β² of the lower bound of I_{ν+1}(κ) / I_ν(κ): β = ν + 3/2, right to first order for κ → 0
 * (Amos: Computation of modified Bessel functions and their ratios, Math. Comp. 28, 1974, eq. 16).
 */
function amos(order: number): number {
  return (order + 1.5) * (order + 1.5);
}

/**
 * β² of the upper bound: (ν + 1/2)(ν + 3/2), right to second order for κ → ∞
 * (Simpson, Spector: Some monotonicity results for ratios of modified Bessel functions, Quart. Appl. Math. 42, 1984).
 */
function simpsonSpector(order: number): number {
  return (order + 0.5) * (order + 1.5);
}

/** κ / (α + √(κ² + β²)) with α = ν + 1/2, the form of Amos's bounds. */
function amosBound(order: number, betaSquared: number, kappa: number): number {
  return kappa / (order + 0.5 + Math.hypot(kappa, Math.sqrt(betaSquared)));
}

/** The κ at which {@link amosBound} is r: the positive root of κ² (1 − r²) − 2 α r κ − r² (β² − α²) = 0. */
function invertAmosBound(order: number, betaSquared: number, r: number): number {
  const alpha = order + 0.5;
  const gap = (1 - r) * (1 + r);
  return (r * (alpha + Math.sqrt(alpha * alpha + (betaSquared - alpha * alpha) * gap))) / gap;
}

function checkArguments(dimension: number, resultantLength: number): void {
  checkDimension(dimension);
  if (!(resultantLength >= 0 && resultantLength <= 1)) {
    throw new RangeError(`a mean resultant length lies in [0, 1], and ${resultantLength} does not`);
  }
}

function checkDimension(dimension: number): void {
  if (!Number.isInteger(dimension) || dimension < 2) {
    throw new RangeError(`the dimension is an integer of at least 2, not ${dimension}`);
  }
}
