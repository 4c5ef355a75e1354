import { gradientMoments } from './gradient-moments.ts';
import { forEachGradient } from './loop-sampling.ts';
import { requireDirection } from './require-direction.ts';
import type { Projector } from './sampling.ts';

/** Computes the gradient of every minibatch, of any model. */
export const projectByLoop: Projector = async (sampling) => {
  const { tf, minibatches, direction } = sampling;
  const momentsOf = gradientMoments(tf, direction);
  const projections = new Float64Array(minibatches.length);
  await forEachGradient(sampling, minibatches.length, (gradient, i) => {
    const { norm, product } = momentsOf(gradient);
    requireDirection(norm, i);
    projections[i] = product / norm;
  });
  return projections;
};
