import { setImmediate as nextTurn } from 'node:timers/promises';
import { requireKnownLabels } from '../../src/models/dataset.ts';
import { denseLayers, type ExampleGradients, exampleGradients } from '../../src/models/example-gradients.ts';
import { groupExamples } from '../../src/models/example-groups.ts';
import { projectionsOf } from '../../src/models/example-projections.ts';
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
  const { tf, model, dataset, minibatches, direction, jackknifeSamples, epoch } = sampling;
  requireKnownLabels(dataset, model.classes);
  const layers = denseLayers(model);
  const [left, others] = splitExamples(minibatches, jackknifeSamples, dataset.examples);
  // Those that the jackknife needs come first: a second look at them is a look at the first groups.
  const groups = [left, others].flatMap((examples) => groupExamples(dataset, examples, ROWS));
  const leftGroups = Math.ceil(left.length / ROWS);
  const minibatchesAtOnce = Math.max(1, Math.floor(ROWS / (minibatches[0]?.length ?? 1)));
  const steps = 3 * groups.length + Math.ceil(minibatches.length / minibatchesAtOnce) + leftGroups;
  let done = 0;
  const step = async (): Promise<void> => {
    done++;
    sampling.progress(done / steps);
    await nextTurn();
  };

  const gradients: ExampleGradients[] = [];
  for (const group of groups) {
    gradients.push(exampleGradients(tf, model, dataset, group, `the sampled examples at epoch ${epoch}`));
    await step();
  }

  const measured = new MinibatchNorms(tf, layers, dataset, gradients);
  const norms = new Float64Array(minibatches.length);
  for (let from = 0; from < minibatches.length; from += minibatchesAtOnce) {
    norms.set(measured.of(minibatches.slice(from, from + minibatchesAtOnce)), from);
    await step();
  }
  norms.forEach(requireDirection);

  const project = async (vector: Float32Array, groupCount: number): Promise<Float64Array> => {
    const products = new Float64Array(dataset.examples);
    for (const ofGroup of gradients.slice(0, groupCount)) {
      const values = projectionsOf(tf, layers, ofGroup, vector);
      ofGroup.group.examples.forEach((example, row) => {
        products[example] = values[row] as number;
      });
      await step();
    }
    return products;
  };
  const perNorm = (products: Float64Array) => products.map((product, i) => product / (norms[i] as number));
  const projections = perNorm(minibatchMeans(minibatches, await project(direction, groups.length)));

  const sumOf = (coefficients: Float64Array) => ({
    weights: exampleWeights(minibatches, coefficients, dataset.examples),
    total: new Float64Array(direction.length),
  });
  const gradientSum = sumOf(norms.map(() => 1));
  const directionSum = sumOf(norms.map((norm) => 1 / norm));
  for (const ofGroup of gradients) {
    addWeightedGradients(tf, layers, ofGroup, [gradientSum, directionSum]);
    await step();
  }

  const products = await project(Float32Array.from(directionSum.total), leftGroups);
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
