import type { Matrices, Matrix } from '../../tensors/algebra/matrices.ts';
import type { DenseLayer, ExampleGradients } from './example-gradients.ts';

/** A sum Σ_j w_j g_j that is being computed. */
export interface WeightedSum {
  /** w_j by the example's index in the dataset. */
  readonly weights: Float64Array;
  /** Flattened like gradients. */
  readonly total: Float64Array;
}

/**
 * Adds the weighted gradients of some examples to each of some sums. For each layer it computes the product AᵀWΔ, with a_j and δ_j the
 * rows of A and Δ, for all sums at once, side by side. The products are of float32, the sums over groups of float64.
 *
 * @param inputs of every layer
 */
export function addWeightedGradients(
  matrices: Matrices,
  layers: readonly DenseLayer[],
  { group, deltas }: ExampleGradients,
  inputs: readonly Matrix[],
  sums: readonly WeightedSum[],
): void {
  const inner = group.examples.length;
  const weights = sums.map((sum) => Float64Array.from(group.examples, (example) => sum.weights[example] as number));
  let offset = 0;
  layers.forEach(({ inputs: width, outputs: columns }, position) => {
    const stride = sums.length * columns;
    const rows = position === 0 ? group.pixels.length : width;
    const weighted = matrices.allocate(inner * stride);
    weights.forEach((factors, i) => {
      matrices.scaleRows(deltas[position] as Matrix, factors, weighted, { stride, start: i * columns, columns });
    });
    const memory = matrices.allocate(width * stride);
    const product = memory.subarray(0, rows * stride);
    const extents = { rows, inner, columns: stride, transposeA: true };
    matrices.multiply(inputs[position] as Matrix, weighted, product, extents);
    const positions = position === 0 ? group.pixels : undefined;
    sums.forEach(({ total }, i) => {
      matrices.addRows(product, { stride, start: i * columns, columns }, positions, total, offset);
    });
    matrices.release(weighted);
    matrices.release(memory);
    offset += width * columns;
  });
}
