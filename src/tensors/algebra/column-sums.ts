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

/**
 * Each stage has at most about 2·√rows terms, so that rounding does not grow with the number of rows. Rows that do not fill a group wait for the second stage,
 * so that a prime number of rows has two stages too.
 */
function inTwoStages(tf: TensorFlow, x: Tensor2D, sums: (x: Tensor2D) => Tensor): Tensor1D {
  return tf.tidy(() => {
    const [rows, columns] = x.shape;
    const groups = Math.max(1, Math.floor(Math.sqrt(rows)));
    const size = Math.floor(rows / groups);
    const inGroups = groups * size;
    const whole = inGroups === rows ? x : tf.slice2d(x, [0, 0], [inGroups, columns]);
    const partial = tf.reshape(sums(tf.reshape(whole, [groups, size * columns])), [size, columns]) as Tensor2D;
    const second =
      inGroups === rows ? partial : tf.concat2d([partial, tf.slice2d(x, [inGroups, 0], [rows - inGroups, columns])], 0);
    return tf.reshape(sums(second), [columns]);
  });
}
