import type { DenseLayer, ExampleGradients } from '../../src/sgd/gradients/example-gradients.ts';
import { addWeightedGradientsOfLayer } from '../../src/sgd/gradients/weighted-gradient-sum.ts';
import { exampleWeights } from '../../src/sgd/statistics/example-sums.ts';
import type { GroupSamples } from '../../src/sgd/statistics/group-statistics.ts';
import { euclideanNorm } from './euclidean-norm.ts';
import type { ExampleFactors } from './example-factors.ts';
import { parameterGroups } from './parameter-groups.ts';
import type { GradientDetails, JackknifedSampling } from './sampling.ts';

interface Factored extends Pick<JackknifedSampling, 'model' | 'dataset' | 'minibatches' | 'jackknifeSamples'> {
  readonly factors: ExampleFactors;
  /** With all examples of the first `jackknifeSamples` minibatches. */
  readonly leftGroups: readonly ExampleGradients[];
  /** ‖ĝ_i‖, and those of the layers' parts. */
  readonly norms: Float64Array;
  readonly ofLayers: readonly Float64Array[];
  /** Σ ĝ_i of all minibatches. */
  readonly gradientSum: Float64Array;
}

/**
 * The details that the loop takes from gradients. Norms and Σ ĝ_i of the layers are of all minibatches, since they are there already. Directions of
 * layers and products of consecutive minibatches are of those of the jackknife.
 */
export function factoredDetails(factored: Factored): GradientDetails {
  const { model, factors, minibatches, norms, jackknifeSamples } = factored;
  const groups = parameterGroups(model.variables);
  let offset = 0;
  const ofLayers = factors.layers.flatMap((layer, position): GroupSamples[] => {
    const { name, dimension } = groups[position] as (typeof groups)[number];
    const range = [offset, offset + dimension] as const;
    offset += dimension;
    const layerNorms = factored.ofLayers[position] as Float64Array;
    if (jackknifeSamples === 0 || !layerNorms.every((norm) => norm > 0)) return [];
    return [
      {
        name,
        dimension,
        norms: layerNorms,
        meanGradientNorm: euclideanNorm(factored.gradientSum.subarray(...range)) / minibatches.length,
        directions: jackknifeSamples,
        resultant: euclideanNorm(directionSum(factored, layer, position, layerNorms)),
      },
    ];
  });
  const cosine = (_: unknown, i: number) =>
    factors.product(minibatches[i] as Uint32Array, minibatches[i + 1] as Uint32Array) /
    ((norms[i] as number) * (norms[i + 1] as number));
  return {
    groups: ofLayers,
    consecutiveCosines: Float64Array.from({ length: Math.max(0, jackknifeSamples - 1) }, cosine),
  };
}

/** Σ x_i of one layer over the jackknife's minibatches. */
function directionSum(
  { factors, leftGroups, minibatches, jackknifeSamples, dataset }: Factored,
  layer: DenseLayer,
  position: number,
  norms: Float64Array,
): Float64Array {
  const coefficients = norms.subarray(0, jackknifeSamples).map((norm) => 1 / norm);
  const weights = exampleWeights(minibatches.slice(0, jackknifeSamples), coefficients, dataset.examples);
  const total = new Float64Array(layer.inputs * layer.outputs);
  for (const ofGroup of leftGroups) {
    factors.withInputs(ofGroup, (inputs) => {
      addWeightedGradientsOfLayer(factors.matrices, factors.layers, position, ofGroup, inputs, { weights, total });
    });
  }
  return total;
}
