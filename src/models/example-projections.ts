import { type DenseLayer, type ExampleGradients, inputOf, kernelOf } from './example-gradients.ts';
import { denseProducts } from './products.ts';
import type { TensorFlow } from './tensorflow.ts';

/**
 * ⟨g_j, v⟩ of the gradients g_j of some examples: with V_l the part of v that belongs to layer l, Σ_l ⟨a_j V_l, δ_j⟩.
 *
 * @param vector v, flattened as gradients are.
 * @returns one number for each example of the group.
 */
export function projectionsOf(
  tf: TensorFlow,
  layers: readonly DenseLayer[],
  gradients: ExampleGradients,
  vector: Float32Array,
): Float64Array {
  const { group, deltas } = gradients;
  const products = new Float64Array(group.examples.length);
  let offset = 0;
  layers.forEach((layer, position) => {
    const end = offset + layer.inputs * layer.outputs;
    const matrix = vector.subarray(offset, end);
    offset = end;
    tf.tidy(() => {
      const { output } = denseProducts(tf);
      const images = output(inputOf(tf, gradients, position), kernelOf(tf, group, position, layer, matrix));
      addRowProducts(products, images.dataSync<'float32'>(), deltas[position] as Float32Array);
    });
  });
  return products;
}

/** Adds the inner products of the rows of two matrices. */
function addRowProducts(products: Float64Array, left: Float32Array, right: Float32Array): void {
  const columns = left.length / products.length;
  for (let row = 0, i = 0; row < products.length; row++) {
    // Two sums, so that additions need not wait for each other.
    let even = 0;
    let odd = 0;
    const end = i + columns;
    for (; i + 1 < end; i += 2) {
      even += (left[i] as number) * (right[i] as number);
      odd += (left[i + 1] as number) * (right[i + 1] as number);
    }
    if (i < end) {
      even += (left[i] as number) * (right[i] as number);
      i++;
    }
    products[row] = (products[row] as number) + even + odd;
  }
}
