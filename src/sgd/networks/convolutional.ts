import { normalise } from '../../tensors/layers/batch-normalisation.ts';
import { convolve, convolvePixels } from '../../tensors/layers/convolution.ts';
import { dense } from '../../tensors/layers/dense.ts';
import { averageOverPixels } from '../../tensors/layers/global-average.ts';
import type { Pass } from '../../tensors/layers/pass.ts';
import { addAndRectify, bringToShape } from '../../tensors/layers/shortcut.ts';
import type { Tensor, Tensor4D } from '../../tensors/tensorflow.ts';
import type { BatchNorm, Convolutional } from './architecture.ts';
import { type Block, blocksOf } from './convolutional-blocks.ts';
import { LOGITS } from './variables.ts';

/**
 * @param images [m, height, width, channels]
 * @returns [m, classes]
 */
export function convolutionalLogits(pass: Pass, architecture: Convolutional, images: Tensor) {
  let activations: Tensor4D | undefined;
  for (const block of blocksOf(architecture, images.shape.at(-1) ?? 0)) {
    activations = applyBlock(pass, block, architecture.batchNorm, images as Tensor4D, activations);
  }
  const features = averageOverPixels(pass.recorder, activations as Tensor4D);
  return dense(pass.recorder, features, pass.variable(`${LOGITS}/kernel`), { rectify: false });
}

/** @param input undefined for the first block, whose input are the images. */
function applyBlock(
  pass: Pass,
  { layers, residual }: Block,
  batchNorm: BatchNorm | false,
  images: Tensor4D,
  input: Tensor4D | undefined,
): Tensor4D {
  const { recorder } = pass;
  let activations = input;
  for (const [position, { name, stride }] of layers.entries()) {
    const kernel = pass.variable(`${name}/kernel`);
    const meetsShortcut = residual && position === layers.length - 1;
    const options = { stride, rectify: !batchNorm && !meetsShortcut };
    activations = activations
      ? convolve(recorder, activations, kernel, options)
      : convolvePixels(recorder, images, kernel, options);
    if (batchNorm) activations = normalise(pass, name, batchNorm, activations, { rectify: !meetsShortcut });
  }
  const output = activations as Tensor4D;
  if (!residual || !input) return output;
  const stride = layers.reduce((product, layer) => product * layer.stride, 1);
  return addAndRectify(recorder, output, bringToShape(recorder, input, stride, output.shape[3]));
}
