import { addWeightedGradients } from '../../src/sgd/gradients/weighted-gradient-sum.ts';
import { exampleWeights, minibatchMeans } from '../../src/sgd/statistics/example-sums.ts';
import { euclideanNorm } from './euclidean-norm.ts';
import { ExampleFactors, ROWS } from './example-factors.ts';
import { factoredDetails } from './factored-details.ts';
import { progressSteps } from './progress-steps.ts';
import type { Sampler } from './sampling.ts';

/**
 * The numbers of `sampleByLoop` without computing a minibatch's gradient, from those of its examples:
 *
 * - norms from the small Gram matrices of each minibatch's factors;
 * - Σ ĝ_i and S as weighted sums over examples, one product for each layer;
 * - ⟨x_i, S⟩ as means of one number for each example.
 */
export const sampleByFactors: Sampler = async (sampling) => {
  const { dataset, minibatches, jackknifeSamples } = sampling;
  // Those that the jackknife needs come first: its second pass then reads only the first groups.
  const [left, others] = splitExamples(minibatches, jackknifeSamples, dataset.examples);
  const factors = new ExampleFactors(sampling, [left, others]);
  try {
    const { matrices, layers, groups } = factors;
    const leftGroups = groups.slice(0, Math.ceil(left.length / ROWS));
    const normSteps = Math.ceil(minibatches.length / factors.normsAtOnce);
    const step = progressSteps(2 * groups.length + normSteps + leftGroups.length, sampling.progress);
    for (const ofGroup of groups) {
      factors.take(ofGroup);
      await step();
    }
    const { norms, ofLayers } = await factors.norms(step);

    const sumOf = (coefficients: Float64Array) => ({
      weights: exampleWeights(minibatches, coefficients, dataset.examples),
      total: new Float64Array(layers.reduce((size, { inputs, outputs }) => size + inputs * outputs, 0)),
    });
    const gradientSum = sumOf(norms.map(() => 1));
    const directionSum = sumOf(norms.map((norm) => 1 / norm));
    for (const ofGroup of groups) {
      factors.withInputs(ofGroup, (inputs) => {
        addWeightedGradients(matrices, layers, ofGroup, inputs, [gradientSum, directionSum]);
      });
      await step();
    }

    const details = factoredDetails({
      ...sampling,
      factors,
      leftGroups,
      norms,
      ofLayers,
      gradientSum: gradientSum.total,
    });
    const products = new Float64Array(dataset.examples);
    const resultantVector = Float32Array.from(directionSum.total);
    for (const ofGroup of leftGroups) {
      factors.project(ofGroup, resultantVector, products);
      await step();
    }
    const jackknifed = minibatchMeans(minibatches.slice(0, jackknifeSamples), products);
    return {
      norms,
      resultant: euclideanNorm(directionSum.total),
      meanGradientNorm: euclideanNorm(gradientSum.total) / minibatches.length,
      jackknifeProducts: jackknifed.map((product, i) => product / (norms[i] as number)),
      ...details,
    };
  } finally {
    factors.release();
  }
};

/** The examples of the first minibatches, and those of the others only, each once and ascending. */
function splitExamples(
  minibatches: readonly Uint32Array[],
  first: number,
  examples: number,
): readonly [Uint32Array, Uint32Array] {
  const firstUse = new Uint8Array(examples);
  minibatches.forEach((minibatch, i) => {
    for (const example of minibatch) firstUse[example] ||= i < first ? 1 : 2;
  });
  const usedFirst = (use: number) => Uint32Array.from(firstUse.keys()).filter((example) => firstUse[example] === use);
  return [usedFirst(1), usedFirst(2)];
}
