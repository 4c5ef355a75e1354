import { hasKernel } from '../capabilities.ts';
import { runKernel } from '../kernels.ts';
import type { Scalar, Tensor2D, TensorFlow } from '../tensorflow.ts';

/** Both tensors belong to the caller. */
export interface CrossEntropy {
  readonly loss: Scalar;
  /** The loss's gradient with respect to the logits, [m, classes]. */
  readonly gradient: Tensor2D;
}

/** A kernel that some backends have: the loss and its gradient with respect to the logits in one pass. */
const FUSED = 'SoftmaxCrossEntropy';

/**
 * Mean over the minibatch of the softmax cross entropy, −log softmax(z)_label, and its gradient. Stable for logits of any size; the
 * gradient is formed directly, as (softmax(z) − onehot)/m.
 *
 * @param logits [m, classes]
 * @param labels one-hot, [m, classes]
 */
export function meanCrossEntropy(tf: TensorFlow, logits: Tensor2D, labels: Tensor2D): CrossEntropy {
  if (hasKernel(tf, FUSED)) {
    const [loss, gradient] = runKernel<[Scalar, Tensor2D]>(tf, FUSED, { logits, labels });
    return { loss, gradient };
  }
  return tf.tidy(() => {
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    const exponentials = tf.exp(shifted);
    const normalisers = tf.sum(exponentials, 1, true);
    const shiftedOfLabels = tf.sum(tf.mul(shifted, labels), 1, true);
    return {
      loss: tf.mean<Scalar>(tf.sub(tf.log(normalisers), shiftedOfLabels)),
      gradient: tf.div<Tensor2D>(tf.sub(tf.div(exponentials, normalisers), labels), logits.shape[0]),
    };
  });
}
