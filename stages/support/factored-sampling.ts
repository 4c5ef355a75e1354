import { setImmediate as nextTurn } from 'node:timers/promises';
import { matricesOf } from '../../src/models/backend-matrices.ts';
import { requireKnownLabels } from '../../src/models/dataset.ts';
import {
  denseLayers,
  type ExampleGradients,
  GradientsOfGroups,
  kernelsOf,
  takeGradients,
  withInputs,
} from '../../src/models/example-gradients.ts';
import { groupExamples } from '../../src/models/example-groups.ts';
import { projectionsOf } from '../../src/models/example-projections.ts';
import type { Matrices } from '../../src/models/matrices.ts';
import { consecutive } from '../../src/models/minibatch.ts';
import { MinibatchNorms } from '../../src/models/minibatch-norms.ts';
import { addWeightedGradients } from '../../src/models/weighted-gradient-sum.ts';
import { exampleWeights, minibatchMeans } from '../../src/vmf/example-sums.ts';
import { euclideanNorm } from './euclidean-norm.ts';
import { requireDirection } from './require-direction.ts';
import type { GradientSample, Sampling } from './sampling.ts';

/** Examples that are computed on together. */
const ROWS = 1024;

/**
 * The numbers of `sampleByLoop` without taking a minibatch's gradient: by the gradients of the examples, which are outer
 * products in a network of dense layers, each taken once however many minibatches it is in.
 *
 * - norms from the small Gram matrices of each minibatch's factors;
 * - Σ ĝ_i and S as weighted sums over examples, one product for each layer;
 * - ⟨u, x_i⟩ and ⟨x_i, S⟩ as means of one number for each example.
 *
 * @param sampling of a model for which `whyNotFactored` finds nothing.
 */
export async function sampleByFactors(sampling: Sampling): Promise<GradientSample> {
  const { tf, model, dataset, minibatches, jackknifeSamples } = sampling;
  requireKnownLabels(dataset, model.classes);
  const matrices = matricesOf(tf);
  const [left, others] = splitExamples(minibatches, jackknifeSamples, dataset.examples);
  // Those that the jackknife needs come first: a second look at them is a look at the first groups.
  const groups = [left, others].flatMap((examples) => groupExamples(dataset, examples, ROWS));
  const leftGroups = Math.ceil(left.length / ROWS);
  const gradients = new GradientsOfGroups(matrices, denseLayers(model), dataset, groups);
  try {
    return await sampleGroups(sampling, matrices, gradients, leftGroups);
  } finally {
    gradients.release();
  }
}

async function sampleGroups(
  sampling: Sampling,
  matrices: Matrices,
  gradients: GradientsOfGroups,
  leftGroups: number,
): Promise<GradientSample> {
  const { tf, model, dataset, minibatches, direction, jackknifeSamples, epoch } = sampling;
  const { groups } = gradients;
  const layers = denseLayers(model);
  const kernels = kernelsOf(tf, model);
  const allPixels = consecutive(dataset.pixels.length / dataset.examples);
  const minibatchesAtOnce = Math.max(1, Math.floor(ROWS / (minibatches[0]?.length ?? 1)));
  const steps = 2 * groups.length + Math.ceil(minibatches.length / minibatchesAtOnce) + leftGroups;
  let done = 0;
  const step = async (): Promise<void> => {
    done++;
    sampling.progress(done / steps);
    await nextTurn();
  };

  /** Writes ⟨v, g_j⟩ of a group's examples to `products`, by their indices. */
  const project = (ofGroup: ExampleGradients, vector: Float32Array, products: Float64Array) => {
    const { examples, pixels } = ofGroup.group;
    withInputs(matrices, dataset, ofGroup, pixels, (inputs) => {
      const values = projectionsOf(matrices, layers, ofGroup, inputs, vector);
      examples.forEach((example, row) => {
        products[example] = values[row] as number;
      });
    });
  };

  const onDirection = new Float64Array(dataset.examples);
  const where = `the sampled examples at epoch ${epoch}`;
  for (const ofGroup of groups) {
    withInputs(matrices, dataset, ofGroup, allPixels, (inputs) => {
      takeGradients(matrices, layers, kernels, dataset, ofGroup, inputs, where);
    });
    // Right away, while the group is in the cache.
    project(ofGroup, direction, onDirection);
    await step();
  }

  const measured = new MinibatchNorms(matrices, layers, dataset, gradients);
  const norms = new Float64Array(minibatches.length);
  for (let from = 0; from < minibatches.length; from += minibatchesAtOnce) {
    norms.set(measured.of(minibatches.slice(from, from + minibatchesAtOnce)), from);
    await step();
  }
  norms.forEach(requireDirection);

  const perNorm = (products: Float64Array) => products.map((product, i) => product / (norms[i] as number));
  const projections = perNorm(minibatchMeans(minibatches, onDirection));

  const sumOf = (coefficients: Float64Array) => ({
    weights: exampleWeights(minibatches, coefficients, dataset.examples),
    total: new Float64Array(direction.length),
  });
  const gradientSum = sumOf(norms.map(() => 1));
  const directionSum = sumOf(norms.map((norm) => 1 / norm));
  for (const ofGroup of groups) {
    withInputs(matrices, dataset, ofGroup, ofGroup.group.pixels, (inputs) => {
      addWeightedGradients(matrices, layers, ofGroup, inputs, [gradientSum, directionSum]);
    });
    await step();
  }

  const products = new Float64Array(dataset.examples);
  const resultantVector = Float32Array.from(directionSum.total);
  for (const ofGroup of groups.slice(0, leftGroups)) {
    project(ofGroup, resultantVector, products);
    await step();
  }
  return {
    norms,
    projections,
    resultant: euclideanNorm(directionSum.total),
    meanGradientNorm: euclideanNorm(gradientSum.total) / minibatches.length,
    jackknifeProducts: perNorm(minibatchMeans(minibatches.slice(0, jackknifeSamples), products)),
  };
}

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
