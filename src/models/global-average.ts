import type { Tensor, Tensor2D, Tensor4D, TensorFlow } from './tensorflow.ts';

/**
 * Mean over the pixels of each image and channel.
 *
 * @param input [m, height, width, channels]
 * @returns [m, channels]
 */
export function averageOverPixels(tf: TensorFlow, input: Tensor4D): Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const [x] = inputs as unknown as [Tensor4D];
    const [m, height, width, channels] = x.shape;
    const pixels = height * width;
    return {
      value: tf.mean(tf.reshape(x, [m, pixels, channels]), 1),
      gradFunc: (dy: Tensor) =>
        tf.tidy(() => {
          const share = tf.reshape(tf.div(dy, pixels), [m, 1, channels]);
          return tf.reshape(tf.tile(share, [1, pixels, 1]), x.shape);
        }),
    };
  });
  return operation(input) as Tensor2D;
}
