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
  ofGroup: ExampleGradients,
  inputs: readonly Matrix[],
  sums: readonly WeightedSum[],
): void {
  let offset = 0;
  layers.forEach((layer, position) => {
    addToLayer(matrices, layer, position, ofGroup, inputs, sums, offset);
    offset += layer.inputs * layer.outputs;
  });
}

/** The same of one layer. @param sum its total is that of the layer alone */
export function addWeightedGradientsOfLayer(
  matrices: Matrices,
  layers: readonly DenseLayer[],
  position: number,
  ofGroup: ExampleGradients,
  inputs: readonly Matrix[],
  sum: WeightedSum,
): void {
  addToLayer(matrices, layers[position] as DenseLayer, position, ofGroup, inputs, [sum], 0);
}

function addToLayer(
  matrices: Matrices,
  { inputs: width, outputs: columns }: DenseLayer,
  position: number,
  { group, deltas }: ExampleGradients,
  inputs: readonly Matrix[],
  sums: readonly WeightedSum[],
  offset: number,
): void {
  const inner = group.examples.length;
  const stride = sums.length * columns;
  const rows = position === 0 ? group.pixels.length : width;
  const weighted = matrices.allocate(inner * stride);
  sums.forEach(({ weights }, i) => {
    const factors = Float64Array.from(group.examples, (example) => weights[example] as number);
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
}
