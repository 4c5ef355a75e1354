import { hasKernel } from '../../tensors/capabilities.ts';
import { runKernel } from '../../tensors/kernels.ts';
import type { Tensor, TensorFlow } from '../../tensors/tensorflow.ts';

/** A kernel that some backends have: `weights − learningRate·gradient` in one pass, written over the weights. */
const FUSED_STEP = 'GradientDescentStep';

/**
 * w − η·∇f. The caller disposes `weights`, and does not read them again: the result may lie in their memory.
 *
 * @param weights not shared with another tensor
 */
export function descend(tf: TensorFlow, weights: Tensor, gradient: Tensor, learningRate: number): Tensor {
  if (hasKernel(tf, FUSED_STEP)) return runKernel(tf, FUSED_STEP, { weights, gradient }, { learningRate });
  return tf.tidy(() => tf.sub(weights, tf.mul(gradient, learningRate)));
}
