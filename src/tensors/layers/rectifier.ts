import { hasKernel } from '../capabilities.ts';
import { runKernel } from '../kernels.ts';
import type { Tensor, TensorFlow } from '../tensorflow.ts';

/** A kernel that some backends have: dy where y > 0, else 0, in one pass. */
const FUSED_GRADIENT = 'ReluGradient';

/**
 * The gradient of y = relu(x) with respect to x, from the output y; a tensor of its own.
 *
 * @param dy must not be read again: the result may lie in its memory. One layer reads each gradient of a backward pass
 */
export function rectifierGradient(tf: TensorFlow, dy: Tensor, y: Tensor): Tensor {
  if (hasKernel(tf, FUSED_GRADIENT)) return runKernel(tf, FUSED_GRADIENT, { dy, y }, { consume: true });
  return tf.tidy(() => tf.mul(dy, tf.step(y)));
}

/**
 * The backward pass of an operation that a ReLU may end.
 *
 * @param dy as for {@link rectifierGradient}; it stays the caller's
 * @param y the output of the operation
 * @param pullback gets the gradient with respect to the ReLU's input, or dy itself where there is no ReLU, and does not keep it
 */
export function throughRectifier(
  tf: TensorFlow,
  { rectify }: { readonly rectify: boolean },
  dy: Tensor,
  y: Tensor,
  pullback: (dz: Tensor) => readonly Tensor[],
): readonly Tensor[] {
  if (!rectify) return pullback(dy);
  const dz = rectifierGradient(tf, dy, y);
  const gradients = pullback(dz);
  dz.dispose();
  return gradients;
}
