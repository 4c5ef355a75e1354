import type { Tensor, Tensor1D, Tensor2D, TensorFlow } from '../tensorflow.ts';

/**
 * Sum over the rows.
 *
 * @param x [rows, columns]
 * @returns [columns]
 */
export function columnSums(tf: TensorFlow, x: Tensor2D): Tensor1D {
  switch (tf.getBackend()) {
    // Wasm transposes before it reduces, and then reduces slowly: thirty times slower than a product with ones.
    case 'wasm':
      return inTwoStages(tf, x, (rows) => tf.matMul(tf.ones([1, rows.shape[0]]), rows));
    // libtensorflow adds up the rows one after the other, and lost a digit of 65,536 of them.
    case 'tfjs-node':
    case 'tfjs-node-gpu':
      return inTwoStages(tf, x, (rows) => tf.sum(rows, 0));
    default:
      return tf.sum(x, 0);
  }
}

/** Each stage has about √rows terms, so that rounding does not grow with the number of rows. */
function inTwoStages(tf: TensorFlow, x: Tensor2D, sums: (x: Tensor2D) => Tensor): Tensor1D {
  return tf.tidy(() => {
    const [rows, columns] = x.shape;
    const first = largestDivisorUpTo(Math.sqrt(rows), rows);
    const partial = sums(tf.reshape(x, [first, (rows / first) * columns]));
    return tf.reshape(sums(tf.reshape(partial, [rows / first, columns])), [columns]);
  });
}

function largestDivisorUpTo(limit: number, count: number): number {
  for (let divisor = Math.floor(limit); divisor > 1; divisor--) {
    if (count % divisor === 0) return divisor;
  }
  return 1;
}
