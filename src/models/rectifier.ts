import type { Tensor, TensorFlow } from './tensorflow.ts';

/** A kernel that some backends have: dy where y > 0, else 0, in one pass. */
const FUSED_GRADIENT = 'ReluGradient';

/** The gradient by x of y = relu(x), by the output y. */
export function rectifierGradient(tf: TensorFlow, dy: Tensor, y: Tensor): Tensor {
  if (tf.getKernel(FUSED_GRADIENT, tf.getBackend())) return tf.engine().runKernel(FUSED_GRADIENT, { dy, y }) as Tensor;
  return tf.tidy(() => tf.mul(dy, tf.step(y)));
}
