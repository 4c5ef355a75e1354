import type { Architecture, BatchNorm } from './architecture.ts';
import { normaliseByBatch, normaliseByRunningStatistics } from './batch-normalisation.ts';
import { dense, denseOfPixels } from './dense.ts';
import type { Tensor, Tensor1D, Tensor2D, TensorFlow } from './tensorflow.ts';
import { hiddenLayer, LOGITS } from './variables.ts';

/** How batch normalisation gets its statistics. */
export type Phase =
  | {
      readonly kind: 'training';
      /** Told each layer's batch statistics during the forward pass (mean, biased variance); undefined to freeze the running ones. */
      readonly observe?: (layer: string, mean: Tensor1D, variance: Tensor1D) => void;
    }
  | { readonly kind: 'inference' };

/**
 * The logits of a minibatch: the one definition of the models' forward pass, for every backend, for training, sampling
 * and evaluation.
 *
 * @param variable the value of a variable by its name.
 * @param images [m, height, width, channels], pixels in [0, 1].
 * @returns [m, classes]
 */
export function logits(
  tf: TensorFlow,
  { hidden, batchNorm }: Architecture,
  variable: (name: string) => Tensor,
  images: Tensor,
  phase: Phase,
): Tensor2D {
  const pixels = tf.reshape(images, [images.shape[0] as number, -1]) as Tensor2D;
  let activations: Tensor2D | undefined;
  const applyKernel = (layer: string): Tensor2D => {
    const kernel = variable(`${layer}/kernel`);
    return activations ? dense(tf, activations, kernel) : denseOfPixels(tf, pixels, kernel);
  };
  for (let index = 1; index <= hidden.length; index++) {
    const layer = hiddenLayer(index);
    const preactivations = applyKernel(layer);
    activations = tf.relu(
      batchNorm ? normalise(tf, layer, batchNorm, variable, preactivations, phase) : preactivations,
    );
  }
  return applyKernel(LOGITS);
}

function normalise(
  tf: TensorFlow,
  layer: string,
  { epsilon }: BatchNorm,
  variable: (name: string) => Tensor,
  input: Tensor2D,
  phase: Phase,
): Tensor2D {
  const gamma = variable(`${layer}/gamma`);
  const beta = variable(`${layer}/beta`);
  if (phase.kind === 'training') {
    const { observe } = phase;
    const observeLayer = observe && ((mean: Tensor1D, variance: Tensor1D): void => observe(layer, mean, variance));
    return normaliseByBatch(tf, input, gamma, beta, epsilon, observeLayer);
  }
  const running = { mean: variable(`${layer}/movingMean`), variance: variable(`${layer}/movingVariance`) };
  return normaliseByRunningStatistics(tf, input, gamma, beta, epsilon, running);
}
