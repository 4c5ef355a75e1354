import { withGradient } from '../../src/models/gradient.ts';
import { MinibatchGatherer } from '../../src/models/minibatch.ts';
import { trainableDimension } from '../../src/models/variables.ts';
import { gradientSums } from './gradient-sums.ts';
import type { GradientSample, Sampling } from './sampling.ts';

/**
 * Takes the gradient of every minibatch, of any model, and adds it to the sums. ⟨x_i, S⟩ needs the finished S, so the first
 * `jackknifeSamples` gradients are taken a second time.
 */
export async function sampleByLoop(sampling: Sampling): Promise<GradientSample> {
  const { tf, model, dataset, minibatches, direction, jackknifeSamples, epoch, progress } = sampling;
  const gatherer = new MinibatchGatherer(tf, dataset, model.classes, minibatches[0]?.length ?? 0);
  const sums = gradientSums(tf, trainableDimension(model.variables), direction);
  const jackknifeProducts = new Float64Array(jackknifeSamples);
  const passes = minibatches.length + jackknifeSamples;
  for (let pass = 0; pass < passes; pass++) {
    const i = pass % minibatches.length;
    const where = `sampled minibatch ${i + 1} at epoch ${epoch}`;
    await withGradient(tf, model, gatherer, minibatches[i] as Uint32Array, where, (gradient) => {
      if (pass < minibatches.length) sums.add(gradient);
      else jackknifeProducts[i] = sums.jackknifeProduct(gradient, i);
    });
    progress((pass + 1) / passes);
  }
  return { ...sums.results(), jackknifeProducts };
}
