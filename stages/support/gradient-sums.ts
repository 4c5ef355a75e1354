import { flattenInto } from '../../src/sgd/gradients/gradient.ts';
import { GradientAccumulator } from '../../src/sgd/statistics/accumulator.ts';
import type { TensorFlow } from '../../src/tensors/backends/identity.ts';
import type { OnednnBackend } from '../../src/tensors/backends/onednn/backend.ts';
import { backendWith } from '../../src/tensors/capabilities.ts';
import type { Tensor } from '../../src/tensors/tensorflow.ts';
import { euclideanNorm } from './euclidean-norm.ts';
import { requireDirection } from './require-direction.ts';

/**
 * Streaming sums over sampled gradients g_i, with x_i = g_i/‖g_i‖ and S = Σ x_i, in double precision. A gradient is given as
 * its tensors, in the order of the flattened gradient, and may be disposed afterwards.
 */
export interface GradientSums {
  add(gradient: readonly Tensor[]): void;
  /** ‖S‖ of the gradients so far; undefined where reading it would change the sums. */
  runningResultant(): number | undefined;
  /** For the gradients so far: ‖g_i‖ in the order of adding, ‖S‖ and ‖Σ g_i‖/n. */
  results(): {
    readonly norms: Float64Array;
    readonly resultant: number;
    readonly meanGradientNorm: number;
  };
  /** ⟨x_i, S⟩ of the gradient that was added as number `index` (from 0), computed a second time after all have been added. */
  jackknifeProduct(gradient: readonly Tensor[], index: number): number;
}

/** onednn adds up so many gradients at once. To read its sums in between would add fewer, and round differently. */
const GRADIENTS_AT_ONCE = 8;

/** Sums on the backend itself where it has them, so that no gradient is copied, and in JavaScript elsewhere. */
export function gradientSums(tf: TensorFlow, dimension: number): GradientSums {
  const accumulator = backendWith(tf, 'gradientAccumulator')?.gradientAccumulator(dimension);
  return accumulator ? sumsOnBackend(accumulator) : sumsInJavaScript(tf, dimension);
}

function sumsInJavaScript(tf: TensorFlow, dimension: number): GradientSums {
  const accumulator = new GradientAccumulator(dimension);
  const flat = new Float32Array(dimension);
  return {
    add(gradient) {
      flattenInto(tf, gradient, flat);
      accumulator.add(flat);
    },
    runningResultant: () => accumulator.resultant(),
    results: () => ({
      norms: accumulator.norms,
      resultant: accumulator.resultant(),
      meanGradientNorm: accumulator.meanGradientNorm(),
    }),
    jackknifeProduct(gradient, index) {
      flattenInto(tf, gradient, flat);
      return accumulator.jackknifeProduct(flat, index);
    },
  };
}

function sumsOnBackend(accumulator: ReturnType<OnednnBackend['gradientAccumulator']>): GradientSums {
  const norms: number[] = [];
  return {
    add(gradient) {
      const norm = accumulator.add(gradient);
      requireDirection(norm, norms.length);
      norms.push(norm);
    },
    runningResultant() {
      return norms.length % GRADIENTS_AT_ONCE === 0 ? euclideanNorm(accumulator.sums().directions) : undefined;
    },
    results() {
      const { sum, directions } = accumulator.sums();
      return {
        norms: Float64Array.from(norms),
        resultant: euclideanNorm(directions),
        meanGradientNorm: euclideanNorm(sum) / norms.length,
      };
    },
    jackknifeProduct: (gradient, index) =>
      accumulator.dot(gradient, accumulator.sums().directions) / (norms[index] as number),
  };
}
