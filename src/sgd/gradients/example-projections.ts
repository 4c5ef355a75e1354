import type { Matrices, Matrix } from '../../tensors/algebra/matrices.ts';
import { type DenseLayer, type ExampleGradients, withRowsOfKernel } from './example-gradients.ts';

/**
 * ⟨g_j, v⟩ of the gradients g_j of some examples: with V_l the part of v that belongs to layer l, Σ_l ⟨a_j V_l, δ_j⟩.
 *
 * @param inputs of every layer
 * @param vector v, flattened like gradients
 * @returns one number for each example of the group
 */
export function projectionsOf(
  matrices: Matrices,
  layers: readonly DenseLayer[],
  { group, deltas }: ExampleGradients,
  inputs: readonly Matrix[],
  vector: Float32Array,
): Float64Array {
  const rows = group.examples.length;
  const products = new Float64Array(rows);
  const images = matrices.allocate(rows * Math.max(...layers.map(({ outputs }) => outputs)));
  let offset = 0;
  layers.forEach(({ inputs: width, outputs: columns }, position) => {
    const end = offset + width * columns;
    const image = images.subarray(0, rows * columns);
    withRowsOfKernel(matrices, layers, position, vector.subarray(offset, end), group, (kernel) => {
      matrices.multiply(inputs[position] as Matrix, kernel, image, { rows, inner: kernel.length / columns, columns });
    });
    offset = end;
    matrices.addRowProducts(image, deltas[position] as Matrix, products);
  });
  matrices.release(images);
  return products;
}
