import { hasKernel, runKernel } from './kernels.ts';
import type { Tensor, TensorFlow } from './tensorflow.ts';

/** A kernel that some backends have: dy where y > 0, else 0, in one pass. */
const FUSED_GRADIENT = 'ReluGradient';

/**
 * The gradient by x of y = relu(x), by the output y; a tensor of its own.
 *
 * @param dy not to be read again: the result may lie in its memory. Each gradient of a backward pass is read by one layer.
 */
export function rectifierGradient(tf: TensorFlow, dy: Tensor, y: Tensor): Tensor {
  if (hasKernel(tf, FUSED_GRADIENT)) return runKernel(tf, FUSED_GRADIENT, { dy, y }, { consume: true });
  return tf.tidy(() => tf.mul(dy, tf.step(y)));
}
