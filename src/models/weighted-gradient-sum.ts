import { type DenseLayer, type ExampleGradients, inputOf } from './example-gradients.ts';
import { denseProducts } from './products.ts';
import type { TensorFlow } from './tensorflow.ts';

/** A sum Σ_j w_j g_j that is being formed. */
export interface WeightedSum {
  /** w_j by the example's index in the dataset. */
  readonly weights: Float64Array;
  /** Flattened as gradients are. */
  readonly total: Float64Array;
}

/**
 * Adds the weighted gradients of some examples to each of some sums: for each layer the product AᵀWΔ, with a_j and δ_j the
 * rows of A and Δ. The products are of float32, the sums over groups of float64.
 */
export function addWeightedGradients(
  tf: TensorFlow,
  layers: readonly DenseLayer[],
  gradients: ExampleGradients,
  sums: readonly WeightedSum[],
): void {
  const { group, deltas } = gradients;
  const rows = group.examples.length;
  const { kernelGradient } = denseProducts(tf);
  let offset = 0;
  layers.forEach(({ inputs, outputs }, position) => {
    const delta = deltas[position] as Float32Array;
    for (const { weights, total } of sums) {
      tf.tidy(() => {
        const weighted = tf.tensor2d(weightedRows(delta, group.examples, weights), [rows, outputs]);
        const values = kernelGradient(inputOf(tf, gradients, position), weighted).dataSync<'float32'>();
        if (position === 0) addRows(total, values, group.pixels, outputs);
        else addTo(total, offset, values);
      });
    }
    offset += inputs * outputs;
  });
}

function weightedRows(delta: Float32Array, examples: Uint32Array, weights: Float64Array): Float32Array {
  const columns = delta.length / examples.length;
  const weighted = new Float32Array(delta.length);
  for (let row = 0, i = 0; row < examples.length; row++) {
    const weight = weights[examples[row] as number] as number;
    for (const end = i + columns; i < end; i++) weighted[i] = weight * (delta[i] as number);
  }
  return weighted;
}

/** Row i of `values`, which has so many columns, goes to row `positions[i]` of `total`. */
function addRows(total: Float64Array, values: Float32Array, positions: Uint32Array, columns: number): void {
  for (let row = 0, from = 0; row < positions.length; row++) {
    const start = (positions[row] as number) * columns;
    for (let to = start; to < start + columns; to++) total[to] = (total[to] as number) + (values[from++] as number);
  }
}

function addTo(total: Float64Array, offset: number, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) total[offset + i] = (total[offset + i] as number) + (values[i] as number);
}
