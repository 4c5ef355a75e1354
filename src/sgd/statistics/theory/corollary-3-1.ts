import { banerjeeConcentration } from '../concentration.ts';
import { type RandomSource, uniformDirection } from '../sampler.ts';

export interface Quadratics {
  /** d */
  readonly dimension: number;
  /** n_b */
  readonly minibatches: number;
  /** Largest over smallest eigenvalue of the Hessian, diagonal, which all losses share. */
  readonly condition: number;
  readonly learningRate: number;
  readonly epochs: number;
  /** Distance of the initial point from the mean of the minimisers, which are normal about it with E‖p_j‖² = 1. */
  readonly distance: number;
}

/**
 * κ̂ of the n_b minibatch gradients before the first epoch and after each of plain SGD on the losses
 * f_j(w) = ½ (w − p_j)ᵀ H (w − p_j), minibatches in a new random order in every epoch.
 */
export function concentrationsOnQuadratics(
  { dimension, minibatches, condition, learningRate, epochs, distance }: Quadratics,
  random: RandomSource,
): number[] {
  const hessian = Float64Array.from({ length: dimension }, (_, i) => condition ** (i / Math.max(1, dimension - 1)));
  const minimisers = Array.from({ length: minibatches }, () =>
    Float64Array.from({ length: dimension }, () => random.normal() / Math.sqrt(dimension)),
  );
  const w = uniformDirection(dimension, random).map((component) => distance * component);
  const concentrations = [concentrationAt(w, minimisers, hessian)];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const minimiser of shuffled(minimisers, random)) {
      for (let i = 0; i < dimension; i++) {
        const gradient = (hessian[i] as number) * ((w[i] as number) - (minimiser[i] as number));
        w[i] = (w[i] as number) - learningRate * gradient;
      }
    }
    concentrations.push(concentrationAt(w, minimisers, hessian));
  }
  return concentrations;
}

/** The largest ratio of a value to the one before it: below 1 where they fall strictly. */
export function largestGrowth(values: readonly number[]): number {
  return Math.max(...values.slice(1).map((value, i) => value / (values[i] as number)));
}

function concentrationAt(w: Float64Array, minimisers: readonly Float64Array[], hessian: Float64Array): number {
  const sum = new Float64Array(w.length);
  for (const minimiser of minimisers) {
    const gradient = hessian.map((eigenvalue, i) => eigenvalue * ((minimiser[i] as number) - (w[i] as number)));
    const length = Math.hypot(...gradient);
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (gradient[i] as number) / length;
  }
  return banerjeeConcentration(w.length, Math.min(1, Math.hypot(...sum) / minimisers.length));
}

/** Fisher–Yates. */
function shuffled<T>(items: readonly T[], random: RandomSource): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}
