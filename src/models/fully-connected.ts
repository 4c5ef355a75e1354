import type { FullyConnected } from './architecture.ts';
import { normalise } from './batch-normalisation.ts';
import { dense, denseOfPixels } from './dense.ts';
import type { Pass } from './pass.ts';
import type { Tensor, Tensor2D } from './tensorflow.ts';
import { hiddenLayer, LOGITS } from './variables.ts';

/**
 * @param images [m, height, width, channels]
 * @returns [m, classes]
 */
export function fullyConnectedLogits(pass: Pass, { hidden, batchNorm }: FullyConnected, images: Tensor): Tensor2D {
  const { tf } = pass;
  const pixels = tf.reshape(images, [images.shape[0] as number, -1]) as Tensor2D;
  let activations: Tensor2D | undefined;
  const applyKernel = (layer: string): Tensor2D => {
    const kernel = pass.variable(`${layer}/kernel`);
    return activations ? dense(tf, activations, kernel) : denseOfPixels(tf, pixels, kernel);
  };
  for (let index = 1; index <= hidden.length; index++) {
    const layer = hiddenLayer(index);
    const preactivations = applyKernel(layer);
    activations = batchNorm
      ? normalise(pass, layer, batchNorm, preactivations, { rectify: true })
      : tf.relu(preactivations);
  }
  return applyKernel(LOGITS);
}
