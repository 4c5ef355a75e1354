import { normalise } from '../../tensors/layers/batch-normalisation.ts';
import { dense, denseOfPixels } from '../../tensors/layers/dense.ts';
import type { Pass } from '../../tensors/layers/pass.ts';
import type { Tensor, Tensor2D } from '../../tensors/tensorflow.ts';
import type { FullyConnected } from './architecture.ts';
import { hiddenLayer, LOGITS } from './variables.ts';

/**
 * @param images [m, height, width, channels]
 * @returns [m, classes]
 */
export function fullyConnectedLogits(pass: Pass, { hidden, batchNorm }: FullyConnected, images: Tensor): Tensor2D {
  const { recorder } = pass;
  const [m, ...imageShape] = images.shape as [number, ...number[]];
  const imageSize = imageShape.reduce((product, extent) => product * extent, 1);
  const pixels = recorder.tf.reshape(images, [m, imageSize]) as Tensor2D;
  let activations: Tensor2D | undefined;
  const applyKernel = (layer: string, rectify: boolean): Tensor2D => {
    const kernel = pass.variable(`${layer}/kernel`);
    return activations
      ? dense(recorder, activations, kernel, { rectify })
      : denseOfPixels(recorder, pixels, kernel, { rectify });
  };
  for (let index = 1; index <= hidden.length; index++) {
    const layer = hiddenLayer(index);
    const outputs = applyKernel(layer, !batchNorm);
    activations = batchNorm ? normalise(pass, layer, batchNorm, outputs, { rectify: true }) : outputs;
  }
  return applyKernel(LOGITS, false);
}
