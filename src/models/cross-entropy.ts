import type { Scalar, Tensor, Tensor2D, TensorFlow } from './tensorflow.ts';

/**
 * Mean over the minibatch of the softmax cross entropy, −log softmax(z)_label. Stable for logits of any size, and its
 * gradient (softmax(z) − onehot)/m is formed directly.
 *
 * @param logits [m, classes]
 * @param oneHotLabels [m, classes]; must outlive the backward pass.
 */
export function meanCrossEntropy(tf: TensorFlow, logits: Tensor2D, oneHotLabels: Tensor2D): Scalar {
  const operation = tf.customGrad((...inputs) => {
    const [z, save] = inputs as unknown as [Tensor2D, (tensors: Tensor[]) => void];
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
