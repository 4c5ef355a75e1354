import type { Scalar, Tensor, Tensor2D, TensorFlow } from './tensorflow.ts';

type Save = (tensors: Tensor[]) => void;

/** A kernel that some backends have: the loss and its gradient by the logits in one go. */
const FUSED = 'SoftmaxCrossEntropy';

/**
 * Mean over the minibatch of the softmax cross entropy, −log softmax(z)_label. Stable for logits of any size, and its
 * gradient (softmax(z) − onehot)/m is formed directly.
 *
 * @param logits [m, classes]
 * @param oneHotLabels [m, classes]; must outlive the backward pass.
 */
export function meanCrossEntropy(tf: TensorFlow, logits: Tensor2D, oneHotLabels: Tensor2D): Scalar {
  return tf.getKernel(FUSED, tf.getBackend()) ? fused(tf, logits, oneHotLabels) : composed(tf, logits, oneHotLabels);
}

function fused(tf: TensorFlow, logits: Tensor2D, labels: Tensor2D): Scalar {
  const operation = tf.customGrad((...inputs) => {
    const [z, save] = inputs as unknown as [Tensor2D, Save];
    const [value, gradient] = tf.engine().runKernel(FUSED, { logits: z, labels }) as unknown as [Scalar, Tensor2D];
    save([gradient]);
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(saved[0] as Tensor2D, dy) };
  });
  return operation(logits) as Scalar;
}

function composed(tf: TensorFlow, logits: Tensor2D, oneHotLabels: Tensor2D): Scalar {
  const operation = tf.customGrad((...inputs) => {
    const [z, save] = inputs as unknown as [Tensor2D, Save];
    const shifted = tf.sub(z, tf.max(z, 1, true));
    const exponentials = tf.exp(shifted);
    const normalisers = tf.sum(exponentials, 1, true);
    save([tf.div(exponentials, normalisers)]);
    const shiftedOfLabels = tf.sum(tf.mul(shifted, oneHotLabels), 1, true);
    return {
      value: tf.mean(tf.sub(tf.log(normalisers), shiftedOfLabels)),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [probabilities] = saved as [Tensor2D];
        return tf.mul(tf.sub(probabilities, oneHotLabels), tf.div(dy, z.shape[0]));
      },
    };
  });
  return operation(logits) as Scalar;
}
