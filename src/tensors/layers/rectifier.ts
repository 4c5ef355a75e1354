import { hasKernel, runKernel } from '../kernels.ts';
import type { Tensor, TensorFlow } from '../tensorflow.ts';

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

/**
 * The way back through an operation that a ReLU may end.
 *
 * @param dy as for {@link rectifierGradient}; it stays the caller's.
 * @param y the output of the operation.
 * @param pullback takes the gradient by what the ReLU was applied to, or dy itself where there is none, and does not keep it.
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
