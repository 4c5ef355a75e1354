import { columnSums } from '../algebra/column-sums.ts';
import { hasKernel } from '../capabilities.ts';
import { runKernel } from '../kernels.ts';
import type { Recorder } from '../tape/tape.ts';
import type { Tensor, Tensor1D, Tensor2D, TensorFlow } from '../tensorflow.ts';
import type { BatchStatistics, Pass } from './pass.ts';
import { rectifierGradient } from './rectifier.ts';

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
  { epsilon }: { readonly epsilon: number },
  input: T,
  options: { readonly rectify: boolean },
): T {
  const { recorder, phase } = pass;
  const { tf } = recorder;
  const gamma = pass.variable(`${layer}/gamma`) as Tensor1D;
  const beta = pass.variable(`${layer}/beta`) as Tensor1D;
  if (phase.kind === 'inference') {
    const mean = pass.variable(`${layer}/movingMean`);
    const variance = pass.variable(`${layer}/movingVariance`);
    if (hasKernel(tf, FUSED)) {
      const operands = { x: input, scale: gamma, offset: beta, mean, variance };
      return runKernel(tf, 'FusedBatchNorm', operands, { varianceEpsilon: epsilon, relu: options.rectify }) as T;
    }
    const factor = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
    // The small tensors first, so that the large one is read twice and not three times.
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
  return hasKernel(tf, FUSED) ? fused(recorder, input, layerOf) : composed(recorder, input, layerOf);
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
 * Kernels that some backends have; inputs, attributes and outputs are those of `fused`. Where they exist,
 * TensorFlow.js's FusedBatchNorm can rectify, too.
 */
const FUSED = 'BatchNormTraining';
const FUSED_GRADIENT = 'BatchNormTrainingGradient';

function fused<T extends Tensor>(recorder: Recorder, input: T, layer: Normalisation): T {
  const { tf } = recorder;
  const { gamma, beta, epsilon, rectify, observe } = layer;
  const operands = { x: input, scale: gamma, offset: beta };
  const attributes = { epsilon, relu: rectify };
  const [value, mean, variance] = runKernel<[T, Tensor1D, Tensor1D]>(tf, FUSED, operands, attributes);
  observe({ mean, variance, count: input.size / gamma.size });
  return recorder.record(value, [input, gamma, beta], (dy) =>
    runKernel<Tensor[]>(tf, FUSED_GRADIENT, { ...operands, dy, mean, variance }, attributes),
  );
}

/**
 * The gradient flows through µ and σ² too (Ioffe & Szegedy 2015, section 3):
 * dx = γ/√(σ² + ε)·(dy − mean(dy) − x̂·mean(dy·x̂)), dγ = Σ dy·x̂, dβ = Σ dy.
 */
function composed<T extends Tensor>(recorder: Recorder, input: T, layer: Normalisation): T {
  const { tf } = recorder;
  const { gamma, beta, epsilon, rectify, observe } = layer;
  const channels = gamma.size;
  const count = input.size / channels;
  const asRows = (tensor: Tensor): Tensor2D => tf.reshape(tensor, [count, channels]);
  const [y, normalised, factor] = tf.tidy(() => {
    const x = asRows(input);
    const mean = tf.div<Tensor1D>(columnSums(tf, x), count);
    const centred = tf.sub<Tensor2D>(x, mean);
    const variance = tf.div<Tensor1D>(columnSums(tf, tf.square(centred)), count);
    observe({ mean, variance, count });
    const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
    const standardised = tf.mul<Tensor2D>(centred, inverseDeviation);
    const shifted = tf.add(tf.mul(standardised, gamma), beta);
    const output = tf.reshape(rectify ? tf.relu(shifted) : shifted, input.shape);
    return [output, standardised, tf.mul<Tensor1D>(gamma, inverseDeviation)] as [Tensor, Tensor2D, Tensor1D];
  });
  return recorder.record(y as T, [input, gamma, beta], (gradient) => {
    const gradients = tf.tidy(() => {
      const dy = asRows(rectify ? rectifierGradient(tf, gradient, y) : gradient);
      const dShift = columnSums(tf, dy);
      const dScale = columnSums(tf, tf.mul(dy, normalised));
      const throughStatistics = tf.add(tf.mul(normalised, tf.div(dScale, count)), tf.div(dShift, count));
      const dx = tf.mul(tf.sub(dy, throughStatistics), factor);
      return [tf.reshape(dx, gradient.shape), dScale, dShift];
    });
    normalised.dispose();
    return gradients;
  });
}

/** The moments for inference, [channels] each. */
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
    hasKernel(tf, BLEND)
      ? runKernel(tf, BLEND, { x: old, y: now }, { a: momentum, b: weight })
      : tf.add(tf.mul(old, momentum), tf.mul(now, weight));
  const correction = count > 1 ? count / (count - 1) : 1;
  return {
    mean: blend(running.mean, mean, 1 - momentum),
    variance: blend(running.variance, variance, (1 - momentum) * correction),
  };
}
