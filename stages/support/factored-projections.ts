import { minibatchMeans } from '../../src/sgd/statistics/example-sums.ts';
import { ExampleFactors } from './example-factors.ts';
import { progressSteps } from './progress-steps.ts';
import type { Projector } from './sampling.ts';

/** The numbers of `projectByLoop` without computing a minibatch's gradient: ⟨u, ĝ_i⟩ is the mean of one number for each of its examples. */
export const projectByFactors: Projector = async (sampling) => {
  const { dataset, minibatches, direction } = sampling;
  const isUsed = new Uint8Array(dataset.examples);
  for (const minibatch of minibatches) for (const example of minibatch) isUsed[example] = 1;
  const used = Uint32Array.from(isUsed.keys()).filter((example) => isUsed[example] === 1);
  const factors = new ExampleFactors(sampling, [used]);
  try {
    const { groups } = factors;
    const steps = groups.length + Math.ceil(minibatches.length / factors.normsAtOnce);
    const step = progressSteps(steps, sampling.progress);
    const products = new Float64Array(dataset.examples);
    for (const ofGroup of groups) {
      factors.take(ofGroup);
      // Right away, while the group is in the cache.
      factors.project(ofGroup, direction, products);
      await step();
    }
    const { norms } = await factors.norms(step);
    return minibatchMeans(minibatches, products).map((product, i) => product / (norms[i] as number));
  } finally {
    factors.release();
  }
};
