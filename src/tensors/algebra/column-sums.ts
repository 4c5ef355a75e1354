import type { Tensor1D, Tensor2D, TensorFlow } from '../tensorflow.ts';

/**
 * Sum over the rows.
 *
 * @param x [rows, columns]
 * @returns [columns]
 */
export function columnSums(tf: TensorFlow, x: Tensor2D): Tensor1D {
  // Wasm transposes before it reduces, and is then slow at that too: thirty times slower than a product with ones.
  return tf.getBackend() === 'wasm' ? sumsByProducts(tf, x) : tf.sum(x, 0);
}

/** In two stages of about √rows terms, so that rounding does not grow with the number of rows. */
function sumsByProducts(tf: TensorFlow, x: Tensor2D): Tensor1D {
  return tf.tidy(() => {
    const [rows, columns] = x.shape;
    const first = largestDivisorUpTo(Math.sqrt(rows), rows);
    const partial = sumsOfProduct(tf, tf.reshape(x, [first, (rows / first) * columns]));
    return tf.reshape(sumsOfProduct(tf, tf.reshape(partial, [rows / first, columns])), [columns]);
  });
}

function sumsOfProduct(tf: TensorFlow, x: Tensor2D): Tensor2D {
  return tf.matMul(tf.ones([1, x.shape[0]]), x);
}

function largestDivisorUpTo(limit: number, count: number): number {
  for (let divisor = Math.floor(limit); divisor > 1; divisor--) {
    if (count % divisor === 0) return divisor;
  }
  return 1;
}
