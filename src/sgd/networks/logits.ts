import type { Pass } from '../../tensors/layers/pass.ts';
import type { Tensor, Tensor2D } from '../../tensors/tensorflow.ts';
import type { Architecture } from './architecture.ts';
import { convolutionalLogits } from './convolutional.ts';
import { fullyConnectedLogits } from './fully-connected.ts';

/**
 * The logits of a minibatch: the one definition of the models' forward pass, for every backend, for training, sampling
 * and evaluation.
 *
 * @param images [m, height, width, channels], pixels in [0, 1]; they must outlive the backward pass.
 * @returns [m, classes]
 */
export function logits(pass: Pass, architecture: Architecture, images: Tensor): Tensor2D {
  return architecture.kind === 'fully-connected'
    ? fullyConnectedLogits(pass, architecture, images)
    : convolutionalLogits(pass, architecture, images);
}
