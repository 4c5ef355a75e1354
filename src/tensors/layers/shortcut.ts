import { hasKernel } from '../capabilities.ts';
import { runKernel } from '../kernels.ts';
import type { Recorder } from '../tape/tape.ts';
import type { Tensor4D, TensorFlow } from '../tensorflow.ts';
import { rectifierGradient } from './rectifier.ts';

/**
 * The identity shortcut across a change of shape (He et al. 2016, section 3.3, option A): every `stride`-th pixel, from the
 * first on, and channels of zeros after the existing ones. Has no parameters.
 *
 * @param input [m, height, width, in]
 * @param channels at least `in`
 * @returns [m, ⌈height / stride⌉, ⌈width / stride⌉, channels]
 */
export function bringToShape(recorder: Recorder, input: Tensor4D, stride: number, channels: number): Tensor4D {
  const [m, height, width, depth] = input.shape;
  if (stride === 1 && channels === depth) return input;
  const { tf } = recorder;
  const value = tf.tidy(() => padEnd(tf, subsample(tf, input, stride), [0, 0, 0, channels - depth]));
  return recorder.record(value, [input], (dy) => [
    tf.tidy(() => {
      const [, rows, columns] = dy.shape as [number, number, number, number];
      const ofInput = tf.slice(dy as Tensor4D, [0, 0, 0, 0], [m, rows, columns, depth]);
      return spread(tf, ofInput, stride, height, width);
    }),
  ]);
}

/** relu(a + b), of the same shape, with the gradients with respect to both. */
export function addAndRectify(recorder: Recorder, a: Tensor4D, b: Tensor4D): Tensor4D {
  const { tf } = recorder;
  const value = sumRectified(tf, a, b);
  return recorder.record(value, [a, b], (dy) => {
    const dz = rectifierGradient(tf, dy, value);
    return [dz, tf.clone(dz)];
  });
}

/** A kernel that some backends have: relu(a + b) in one pass. */
const FUSED_SUM = 'AddRelu';

function sumRectified(tf: TensorFlow, a: Tensor4D, b: Tensor4D): Tensor4D {
  if (hasKernel(tf, FUSED_SUM)) return runKernel(tf, FUSED_SUM, { a, b }) as Tensor4D;
  return tf.tidy(() => tf.relu(tf.add(a, b)));
}

// With strides as axes of their own, picking and spreading pixels is slicing and padding, which every backend is fast at.

function subsample(tf: TensorFlow, x: Tensor4D, stride: number): Tensor4D {
  const [m, height, width, depth] = x.shape;
  const rows = Math.ceil(height / stride);
  const columns = Math.ceil(width / stride);
  const whole = padEnd(tf, x, [0, rows * stride - height, columns * stride - width, 0]);
  const strided = tf.reshape(whole, [m * rows, stride, columns, stride * depth]);
  return tf.reshape(tf.slice(strided, [0, 0, 0, 0], [m * rows, 1, columns, depth]), [m, rows, columns, depth]);
}

/** The transpose of `subsample`: zeros between the pixels. */
function spread(tf: TensorFlow, dy: Tensor4D, stride: number, height: number, width: number): Tensor4D {
  const [m, rows, columns, depth] = dy.shape;
  const strided = tf.reshape(dy, [m * rows, 1, columns, depth]) as Tensor4D;
  const padded = padEnd(tf, strided, [0, stride - 1, 0, (stride - 1) * depth]);
  const whole = tf.reshape(padded, [m, rows * stride, columns * stride, depth]);
  return tf.slice(whole, [0, 0, 0, 0], [m, height, width, depth]) as Tensor4D;
}

function padEnd(tf: TensorFlow, x: Tensor4D, counts: readonly [number, number, number, number]): Tensor4D {
  return counts.some((count) => count > 0) ? tf.pad(x, counts.map((count) => [0, count]) as [number, number][]) : x;
}
