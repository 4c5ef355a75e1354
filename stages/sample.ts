import * as v from 'valibot';
import { safetensors } from '../src/engine/stage/codecs/safetensors.ts';
import { Failure, type Tensor, type Tensors } from '../src/engine/stage/index.ts';
import { defineStage, one } from '../src/engine/stage/stage.ts';
import { withModel } from '../src/sgd/networks/model.ts';
import { trainableDimension } from '../src/sgd/networks/variables.ts';
import type { GroupSamples } from '../src/sgd/statistics/group-statistics.ts';
import { datasetOf } from '../src/sgd/training/dataset.ts';
import { loadTensorFlow } from '../src/tensors/backends/load.ts';
import { concentrationReport } from './support/concentration-report.ts';
import { integerCoordinate } from './support/coordinates.ts';
import { sampleByFactors } from './support/factored-sampling.ts';
import { groupTensor } from './support/group-tensors.ts';
import { sampleByLoop } from './support/loop-sampling.ts';
import { sampledMinibatches } from './support/sampled-minibatches.ts';
import { chosenMethod, samplingParams, whyImpossible } from './support/sampling-method.ts';

const params = v.pipe(
  v.strictObject({
    ...samplingParams,
    /** How many of the minibatches the jackknife leaves out in turn, at most n_s. */
    jackknifeSamples: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  }),
  v.forward(
    v.check(
      (params) => whyImpossible(params) === undefined,
      ({ input }) => whyImpossible(input) ?? '',
    ),
    ['method'],
  ),
);

/**
 * Computes the negative gradients ĝ_i of n_s minibatches at one point. It keeps the sums from which the directional statistics
 * follow, never the gradients.
 */
export default defineStage({
  params,
  inputs: { weights: one(safetensors), train: one(safetensors) },
  outputs: { samples: safetensors, minibatches: safetensors },
  async run({ params, coordinates, inputs, compute, progress, metric }) {
    const { model: architecture, batchSize, gradientSamples, jackknifeSamples } = params;
    const seed = integerCoordinate(coordinates, 'seed');
    const epoch = integerCoordinate(coordinates, 'epoch');
    const dataset = datasetOf(inputs.train, params.examples);
    if (jackknifeSamples > gradientSamples) {
      throw new Failure('usage', {
        fact: `jackknifeSamples is ${jackknifeSamples}, more than the ${gradientSamples} gradientSamples`,
        fix: `set jackknifeSamples to at most ${gradientSamples}`,
      });
    }
    const minibatches = sampledMinibatches({ seed, epoch }, dataset.examples, params);
    const tf = await loadTensorFlow(compute);
    return withModel(tf, architecture, dataset.imageShape, inputs.weights, async (model) => {
      const ways = { loop: sampleByLoop, factored: sampleByFactors };
      const sample = chosenMethod(params, model, dataset.examples, ways);
      const dimension = trainableDimension(model.variables);
      const report = concentrationReport(dimension, metric);
      const at = { tf, model, dataset, minibatches, epoch, jackknifeSamples, progress, report };
      const sampled = await sample(at);
      const { norms, resultant, meanGradientNorm, jackknifeProducts, consecutiveCosines, groups } = sampled;
      report(gradientSamples, resultant);
      return {
        samples: {
          norms: vector(norms),
          resultant: vector(Float64Array.of(resultant)),
          meanGradientNorm: vector(Float64Array.of(meanGradientNorm)),
          jackknifeProducts: vector(jackknifeProducts),
          dimension: whole(dimension),
          batchSize: whole(batchSize),
          consecutiveCosines: vector(consecutiveCosines),
          ...Object.assign({}, ...groups.map(tensorsOfGroup)),
        },
        minibatches: { indices: packIndices(minibatches, batchSize, dataset.examples) },
      };
    });
  },
});

function vector(data: Float64Array): Tensor {
  return { shape: [data.length], data };
}

function whole(value: number): Tensor {
  return { shape: [1], data: Int32Array.of(value) };
}

function tensorsOfGroup({ name, ...group }: GroupSamples): Tensors {
  return {
    [groupTensor(name, 'norms')]: vector(group.norms),
    [groupTensor(name, 'meanGradientNorm')]: vector(Float64Array.of(group.meanGradientNorm)),
    [groupTensor(name, 'resultant')]: vector(Float64Array.of(group.resultant)),
    [groupTensor(name, 'directions')]: whole(group.directions),
    [groupTensor(name, 'dimension')]: whole(group.dimension),
  };
}

/** The drawn indices as [n_s, m], in two bytes each where that is enough. */
function packIndices(minibatches: readonly Uint32Array[], batchSize: number, examples: number): Tensor {
  const size = minibatches.length * batchSize;
  const data = examples <= 0x10000 ? new Uint16Array(size) : new Uint32Array(size);
  minibatches.forEach((indices, i) => {
    data.set(indices, i * batchSize);
  });
  return { shape: [minibatches.length, batchSize], data };
}
