import { runKernel } from '../kernels.ts';
import type { Recorder } from '../tape/tape.ts';
import type { Tensor2D, Tensor4D } from '../tensorflow.ts';

/**
 * Mean over the pixels of each image and channel.
 *
 * @param input [m, height, width, channels]
 * @returns [m, channels]
 */
export function averageOverPixels(recorder: Recorder, input: Tensor4D): Tensor2D {
  const { tf } = recorder;
  const [m, height, width, channels] = input.shape;
  const pixels = height * width;
  const value = tf.tidy(() => tf.mean<Tensor2D>(tf.reshape(input, [m, pixels, channels]), 1));
  return recorder.record(value, [input], (dy) => [
    tf.tidy(() => {
      const share = tf.reshape(tf.div(dy, pixels), [m, 1, channels]);
      return tf.reshape(runKernel(tf, 'Tile', { x: share }, { reps: [1, pixels, 1] }), [m, height, width, channels]);
    }),
  ]);
}
