import type { BatchNorm } from './architecture.ts';
import { columnSums } from './column-sums.ts';
import type { BatchStatistics, Pass } from './pass.ts';
import { rectifierGradient } from './rectifier.ts';
import type { Tensor, Tensor1D, Tensor2D, TensorFlow } from './tensorflow.ts';

type Save = (tensors: Tensor[]) => void;

/**
 * Batch normalisation of each channel, by the statistics that the phase of the pass wants: those of the batch, or the
 * running ones.
 *
 * @param input […, channels]
 * @param options whether a ReLU follows.
 */
export function normalise<T extends Tensor>(
  pass: Pass,
  layer: string,
  { epsilon }: BatchNorm,
  input: T,
  options: { readonly rectify: boolean },
): T {
  const { tf, phase } = pass;
  const gamma = pass.variable(`${layer}/gamma`) as Tensor1D;
  const beta = pass.variable(`${layer}/beta`) as Tensor1D;
  if (phase.kind === 'inference') {
    const mean = pass.variable(`${layer}/movingMean`);
    const variance = pass.variable(`${layer}/movingVariance`);
    if (tf.getKernel(FUSED, tf.getBackend())) {
      const operands = { x: input, scale: gamma, offset: beta, mean, variance };
      const attrs = { varianceEpsilon: epsilon, relu: options.rectify };
      return tf.engine().runKernel('FusedBatchNorm', operands, attrs) as T;
    }
    const factor = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
    // The small tensors first, so that the large one is gone through twice and not three times.
    const normalised = tf.add(tf.mul(input, factor), tf.sub(beta, tf.mul(mean, factor)));
    return (options.rectify ? tf.relu(normalised) : normalised) as T;
  }
  const layerOf: Normalisation = {
    gamma,
    beta,
    epsilon,
    rectify: options.rectify,
    observe: (statistics) => phase.observe?.(layer, statistics),
  };
  return tf.getKernel(FUSED, tf.getBackend()) ? fused(tf, input, layerOf) : composed(tf, input, layerOf);
}

/** One layer in training: y = relu?(γ·(x − µ)/√(σ² + ε) + β), with µ and the biased σ² of the batch itself. */
interface Normalisation {
  /** γ and β must outlive the backward pass. */
  readonly gamma: Tensor1D;
  readonly beta: Tensor1D;
  readonly epsilon: number;
  readonly rectify: boolean;
  observe(statistics: BatchStatistics): void;
}

/**
 * Kernels that some backends have; inputs, attributes and outputs are those that `fused` gives and takes. Where they are,
 * TensorFlow.js's FusedBatchNorm can rectify, too.
 */
const FUSED = 'BatchNormTraining';
const FUSED_GRADIENT = 'BatchNormTrainingGradient';

function fused<T extends Tensor>(tf: TensorFlow, input: T, layer: Normalisation): T {
  const { gamma, beta, epsilon, rectify, observe } = layer;
  const attrs = { epsilon, relu: rectify };
  const operation = tf.customGrad((...inputs) => {
    const [x, scale, offset, save] = inputs as unknown as [T, Tensor1D, Tensor1D, Save];
    const [value, mean, variance] = tf.engine().runKernel(FUSED, { x, scale, offset }, attrs) as unknown as [
      T,
      Tensor1D,
      Tensor1D,
    ];
    observe({ mean, variance, count: x.size / scale.size });
    save([x, mean, variance]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [savedInput, savedMean, savedVariance] = saved as [T, Tensor1D, Tensor1D];
        const operands = { dy, x: savedInput, scale: gamma, offset: beta, mean: savedMean, variance: savedVariance };
        return tf.engine().runKernel(FUSED_GRADIENT, operands, attrs) as Tensor[];
      },
    };
  });
  return operation(input, gamma, beta) as T;
}

/**
 * The gradient flows through µ and σ² too (Ioffe & Szegedy 2015, section 3):
 * dx = γ/√(σ² + ε)·(dy − mean(dy) − x̂·mean(dy·x̂)), dγ = Σ dy·x̂, dβ = Σ dy.
 */
function composed<T extends Tensor>(tf: TensorFlow, input: T, layer: Normalisation): T {
  const { gamma, beta, epsilon, rectify, observe } = layer;
  const channels = gamma.size;
  const count = input.size / channels;
  const asRows = (tensor: Tensor): Tensor2D => tf.reshape(tensor, [count, channels]);
  const operation = tf.customGrad((...inputs) => {
    const [tensor, scale, shift, save] = inputs as unknown as [T, Tensor1D, Tensor1D, Save];
    const x = asRows(tensor);
    const mean = tf.div<Tensor1D>(columnSums(tf, x), count);
    const centred = tf.sub<Tensor2D>(x, mean);
    const variance = tf.div<Tensor1D>(columnSums(tf, tf.square(centred)), count);
    observe({ mean, variance, count });
    const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
    const normalised = tf.mul(centred, inverseDeviation);
    const factor = tf.mul(scale, inverseDeviation);
    const shifted = tf.add(tf.mul(normalised, scale), shift);
    const y = rectify ? tf.relu(shifted) : shifted;
    save(rectify ? [normalised, factor, y] : [normalised, factor]);
    return {
      value: tf.reshape(y, tensor.shape) as T,
      gradFunc: (gradient: Tensor, saved: Tensor[]) =>
        // A tidy of its own: the engine's ends with the whole backward pass.
        tf.tidy(() => {
          const [savedNormalised, savedFactor, output] = saved as [Tensor2D, Tensor1D, Tensor2D | undefined];
          const rows = asRows(gradient);
          const dy = output ? (rectifierGradient(tf, rows, output) as Tensor2D) : rows;
          const dShift = columnSums(tf, dy);
          const dScale = columnSums(tf, tf.mul(dy, savedNormalised));
          const throughStatistics = tf.add(tf.mul(savedNormalised, tf.div(dScale, count)), tf.div(dShift, count));
          const dx = tf.mul(tf.sub(dy, throughStatistics), savedFactor);
          return [tf.reshape(dx, gradient.shape), dScale, dShift];
        }),
    };
  });
  return operation(input, gamma, beta) as T;
}

/** The moments that inference normalises by, [channels] each. */
export interface RunningStatistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** A kernel that some backends have: a·x + b·y. */
const BLEND = 'Blend';

/**
 * One step of the running statistics: r ← momentum·r + (1 − momentum)·batch. The batch's variance enters unbiased (the
 * biased one times count/(count − 1)), since it stands for the training set's: as in Ioffe & Szegedy 2015, algorithm 2.
 */
export function updateRunningStatistics(
  tf: TensorFlow,
  running: RunningStatistics,
  { mean, variance, count }: BatchStatistics,
  momentum: number,
): RunningStatistics {
  const blend = (old: Tensor, now: Tensor, weight: number): Tensor =>
    tf.getKernel(BLEND, tf.getBackend())
      ? (tf.engine().runKernel(BLEND, { x: old, y: now }, { a: momentum, b: weight }) as Tensor)
      : tf.add(tf.mul(old, momentum), tf.mul(now, weight));
  const correction = count > 1 ? count / (count - 1) : 1;
  return {
    mean: blend(running.mean, mean, 1 - momentum),
    variance: blend(running.variance, variance, (1 - momentum) * correction),
  };
}
