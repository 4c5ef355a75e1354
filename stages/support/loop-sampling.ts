import { withGradient } from '../../src/sgd/gradients/gradient.ts';
import { trainableDimension } from '../../src/sgd/networks/variables.ts';
import { MinibatchGatherer } from '../../src/sgd/training/minibatch.ts';
import type { Tensor } from '../../src/tensors/tensorflow.ts';
import { gradientSums } from './gradient-sums.ts';
import type { Sampler, Sampling } from './sampling.ts';

/**
 * Computes the gradient of every minibatch, of any model, and adds it to the sums. ⟨x_i, S⟩ needs the finished S, so the first
 * `jackknifeSamples` gradients are computed a second time.
 */
export const sampleByLoop: Sampler = async (sampling) => {
  const { tf, model, minibatches, jackknifeSamples } = sampling;
  const sums = gradientSums(tf, trainableDimension(model.variables));
  const jackknifeProducts = new Float64Array(jackknifeSamples);
  await forEachGradient(sampling, minibatches.length + jackknifeSamples, (gradient, i, isSecond) => {
    if (isSecond) jackknifeProducts[i] = sums.jackknifeProduct(gradient, i);
    else sums.add(gradient);
  });
  return { ...sums.results(), jackknifeProducts };
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
