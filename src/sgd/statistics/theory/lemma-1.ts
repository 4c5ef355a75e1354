import { banerjeeConcentration, banerjeeDerivative } from '../concentration.ts';
import type { RandomSource } from '../sampler.ts';

/** The claims of Lemma 1 about κ̂ as a function of r̄ in d dimensions, and about h(u) = κ̂(u/n_b) for n_b minibatches. */
export interface Lemma1 {
  /** Largest ratio of κ̂ at a point of the grid to κ̂ at the next: below 1 where κ̂ is strictly increasing. */
  readonly largestRatio: number;
  /** Largest relative deviation of dκ̂/dr̄ from central differences of κ̂. */
  readonly firstDerivativeError: number;
  /** Largest relative deviation of h″ from central differences of h′. */
  readonly secondDerivativeError: number;
  /** Largest slope of h between two random points of [0, n_b(1 − ε)]. */
  readonly largestSlope: number;
  /** h′(n_b(1 − ε)), the Lipschitz constant there: h″ ≥ 0, so that h′ is largest at the end. */
  readonly lipschitzConstant: number;
}

const GRID = 2000;
const PAIRS = 2000;
/** For nearer points of a pair, rounding would hide h. */
const NEAREST = 1e-6;

/** @param epsilon ε in (0, 1): how far the interval keeps away from r̄ = 1. */
export function checkLemma1(dimension: number, minibatches: number, epsilon: number, random: RandomSource): Lemma1 {
  const grid = Array.from({ length: GRID }, (_, i) => (i / (GRID - 1)) * (1 - epsilon));
  const kappas = grid.map((r) => banerjeeConcentration(dimension, r));
  const inside = grid.slice(1, -1);
  const h = (u: number) => banerjeeConcentration(dimension, u / minibatches);
  const end = minibatches * (1 - epsilon);
  // Most of them near the end, where h is steepest.
  const slopes = Array.from({ length: PAIRS }, () => {
    const [a, b] = [end * (1 - random.uniform() ** 4), end * (1 - random.uniform() ** 4)];
    return Math.abs(a - b) < NEAREST * end ? 0 : Math.abs(h(a) - h(b)) / Math.abs(a - b);
  });
  return {
    largestRatio: Math.max(...kappas.slice(1).map((kappa, i) => (kappas[i] as number) / kappa)),
    firstDerivativeError: Math.max(
      ...inside.map((r) =>
        relativeError(
          banerjeeDerivative(dimension, r),
          centralDifference((x) => banerjeeConcentration(dimension, x), r),
        ),
      ),
    ),
    secondDerivativeError: Math.max(
      ...inside.map((r) => {
        const slope = centralDifference((x) => banerjeeDerivative(dimension, x) / minibatches, r) / minibatches;
        return relativeError(secondDerivative(dimension, minibatches, minibatches * r), slope);
      }),
    ),
    largestSlope: Math.max(...slopes),
    lipschitzConstant: banerjeeDerivative(dimension, 1 - epsilon) / minibatches,
  };
}

/** h″(u) = 2(d − 1) r̄ (3 + r̄²)/(n_b² (1 − r̄²)³) with r̄ = u/n_b. */
export function secondDerivative(dimension: number, minibatches: number, u: number): number {
  const r = u / minibatches;
  return (2 * (dimension - 1) * r * (3 + r * r)) / (minibatches ** 2 * (1 - r * r) ** 3);
}

/** The step is a compromise between rounding and curvature, which is large near 1. */
function centralDifference(f: (x: number) => number, x: number): number {
  const step = Math.min(x / 2, 3e-5 * (1 - x));
  const [low, high] = [x - step, x + step];
  return (f(high) - f(low)) / (high - low);
}

function relativeError(value: number, reference: number): number {
  return Math.abs(value - reference) / Math.abs(reference);
}
