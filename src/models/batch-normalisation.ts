import type { Tensor, Tensor1D, Tensor2D, TensorFlow } from './tensorflow.ts';

/** Called with a batch's mean and biased variance, [units] each; both live until it returns. */
type Observe = (mean: Tensor1D, variance: Tensor1D) => void;

/**
 * Batch normalisation with the statistics of the batch itself: y = γ·(x − µ)/√(σ² + ε) + β, with σ² the biased variance
 * (divided by m). The gradient flows through µ and σ² too (Ioffe & Szegedy 2015, section 3):
 * dx = γ/√(σ² + ε)·(dy − mean(dy) − x̂·mean(dy·x̂)), dγ = Σ dy·x̂, dβ = Σ dy.
 *
 * @param input [m, units]
 */
export function normaliseByBatch(
  tf: TensorFlow,
  input: Tensor2D,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
  observe: Observe | undefined,
): Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const [x, scale, shift, save] = inputs as unknown as [Tensor2D, Tensor1D, Tensor1D, (tensors: Tensor[]) => void];
    const mean = tf.mean<Tensor1D>(x, 0);
    const centred = tf.sub(x, mean);
    const variance = tf.mean<Tensor1D>(tf.square(centred), 0);
    observe?.(mean, variance);
    const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
    const normalised = tf.mul(centred, inverseDeviation);
    const factor = tf.mul(scale, inverseDeviation);
    save([normalised, factor]);
    return {
      value: tf.add(tf.mul(normalised, scale), shift),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [savedNormalised, savedFactor] = saved as [Tensor2D, Tensor1D];
        const m = dy.shape[0] as number;
        const dShift = tf.sum(dy, 0);
        const dScale = tf.sum(tf.mul(dy, savedNormalised), 0);
        const throughStatistics = tf.add(tf.mul(savedNormalised, tf.div(dScale, m)), tf.div(dShift, m));
        return [tf.mul(tf.sub(dy, throughStatistics), savedFactor), dScale, dShift];
      },
    };
  });
  return operation(input, gamma, beta) as Tensor2D;
}

/** The moments that inference normalises by, [units] each. */
export interface RunningStatistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Batch normalisation with running statistics, as when a model is evaluated. */
export function normaliseByRunningStatistics(
  tf: TensorFlow,
  input: Tensor2D,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
  { mean, variance }: RunningStatistics,
): Tensor2D {
  const factor = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(tf.sub(input, mean), factor), beta);
}

/**
 * One step of the running statistics: r ← momentum·r + (1 − momentum)·batch. The batch's variance enters unbiased (the
 * biased one times m/(m − 1)), since it stands for the training set's: as in Ioffe & Szegedy 2015, algorithm 2.
 */
export function updateRunningStatistics(
  tf: TensorFlow,
  running: RunningStatistics,
  batch: RunningStatistics,
  batchSize: number,
  momentum: number,
): RunningStatistics {
  const blend = (old: Tensor, now: Tensor, weight: number): Tensor =>
    tf.add(tf.mul(old, momentum), tf.mul(now, weight));
  const correction = batchSize > 1 ? batchSize / (batchSize - 1) : 1;
  return {
    mean: blend(running.mean, batch.mean, 1 - momentum),
    variance: blend(running.variance, batch.variance, (1 - momentum) * correction),
  };
}
