import { withGradient } from '../../src/sgd/gradients/gradient.ts';
import { trainableDimension } from '../../src/sgd/networks/variables.ts';
import { MinibatchGatherer } from '../../src/sgd/training/minibatch.ts';
import type { Tensor } from '../../src/tensors/tensorflow.ts';
import { detailedSums } from './gradient-details.ts';
import { gradientSums } from './gradient-sums.ts';
import { parameterGroups } from './parameter-groups.ts';
import type { JackknifedSampling, Sampler, Sampling } from './sampling.ts';

/**
 * How many gradients lie between two reports at least. ‖S‖ takes a pass over all components: for a fully connected network, that is as long as one to two gradients
 * of 64 examples, which use each weight once. A convolution uses each at many places.
 */
const LEAST_SPACING = { 'fully-connected': 192, convolutional: 8 };
/** Later reports are further apart, as the sum converges. */
const SPACING = 0.25;

/**
 * From how many minibatches the details are. Their sums take as long as a sixth of a fully connected network's gradient, and next to none of a
 * convolutional one. So of the former they are of as many as the jackknife takes a second time.
 */
function detailedMinibatches({ model, minibatches, jackknifeSamples }: JackknifedSampling): number {
  return model.architecture.kind === 'convolutional' ? minibatches.length : jackknifeSamples;
}

/**
 * Computes the gradient of every minibatch, of any model, and adds it to the sums. ⟨x_i, S⟩ needs the finished S, so the first
 * `jackknifeSamples` gradients are computed a second time.
 */
export const sampleByLoop: Sampler = async (sampling) => {
  const { tf, model, minibatches, jackknifeSamples, report } = sampling;
  const sums = gradientSums(tf, trainableDimension(model.variables));
  const details = detailedSums(tf, trainableDimension(model.variables), parameterGroups(model.variables));
  const detailed = detailedMinibatches(sampling);
  const jackknifeProducts = new Float64Array(jackknifeSamples);
  const spacing = LEAST_SPACING[model.architecture.kind];
  let next = spacing;
  await forEachGradient(sampling, minibatches.length + jackknifeSamples, (gradient, i, isSecond) => {
    if (isSecond) jackknifeProducts[i] = sums.jackknifeProduct(gradient, i);
    else {
      sums.add(gradient);
      if (i < detailed) details.add(gradient);
      // The stage itself reports all of them.
      if (i + 1 < next || i + 1 === minibatches.length) return;
      const resultant = sums.runningResultant();
      if (resultant === undefined) return;
      report(i + 1, resultant);
      next = i + 1 + Math.max(spacing, SPACING * (i + 1));
    }
  });
  return { ...sums.results(), ...details.results(), jackknifeProducts };
};

/** Passes one gradient after the other to `use`, and after the last one the first ones again, `count` in all. */
export async function forEachGradient(
  { tf, model, dataset, minibatches, epoch, progress }: Sampling,
  count: number,
  use: (gradient: readonly Tensor[], index: number, isSecond: boolean) => void,
): Promise<void> {
  const gatherer = new MinibatchGatherer(tf, dataset, model.classes, minibatches[0]?.length ?? 0);
  for (let pass = 0; pass < count; pass++) {
    const i = pass % minibatches.length;
    const where = `sampled minibatch ${i + 1} at epoch ${epoch}`;
    await withGradient(tf, model, gatherer, minibatches[i] as Uint32Array, where, (gradient) => {
      use(gradient, i, pass >= minibatches.length);
    });
    progress((pass + 1) / count);
  }
}
