import * as v from 'valibot';
import { loadTensorFlow } from '../src/compute/load.ts';
import { safetensors } from '../src/contract/codecs/safetensors.ts';
import { Failure, randomStream, type Tensor } from '../src/contract/index.ts';
import { defineStage, one } from '../src/contract/stage.ts';
import { architectureSchema } from '../src/models/architecture.ts';
import { datasetOf } from '../src/models/dataset.ts';
import { withGradient } from '../src/models/gradient.ts';
import { MinibatchGatherer } from '../src/models/minibatch.ts';
import { withModel } from '../src/models/model.ts';
import { trainableDimension } from '../src/models/variables.ts';
import { uniformDirection } from '../src/vmf/sampler.ts';
import { integerCoordinate } from './support/coordinates.ts';
import { gradientSums } from './support/gradient-sums.ts';
import { exampleLimit, positiveInteger } from './support/params.ts';

/**
 * Takes the negative gradients ĝ_i of n_s minibatches at one point, and keeps the sums that the directional statistics
 * are functions of, never the gradients. Minibatches are independent draws, each without replacement. ⟨x_i, S⟩ needs the
 * finished S, so the gradients of the first `jackknifeSamples` minibatches are taken a second time.
 */
export default defineStage({
  params: v.strictObject({
    model: architectureSchema,
    batchSize: positiveInteger,
    /** n_s */
    gradientSamples: positiveInteger,
    /** How many of them the jackknife leaves out in turn, at most n_s. */
    jackknifeSamples: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    examples: exampleLimit,
  }),
  inputs: { weights: one(safetensors), train: one(safetensors) },
  outputs: { samples: safetensors, minibatches: safetensors },
  async run(context) {
    const { params, coordinates, inputs, compute } = context;
    const { model: architecture, batchSize, gradientSamples, jackknifeSamples } = params;
    const seed = integerCoordinate(coordinates, 'seed');
    const epoch = integerCoordinate(coordinates, 'epoch');
    const dataset = datasetOf(inputs.train, params.examples);
    checkSampleSizes(dataset.examples, params);

    const draws = randomStream(seed, 'sampled minibatches', { epoch });
    const minibatches = Array.from({ length: gradientSamples }, () => draws.subset(dataset.examples, batchSize));
    const tf = await loadTensorFlow(compute);
    return withModel(tf, architecture, dataset.imageShape, inputs.weights, async (model) => {
      const gatherer = new MinibatchGatherer(tf, dataset, model.classes, batchSize);
      const dimension = trainableDimension(model.variables);
      // The same u at every epoch of a seed. Summed is ∇f = −ĝ, which only turns the sign of ⟨u, x_i⟩: so −u is given.
      const u = uniformDirection(dimension, randomStream(seed, 'fixed direction'));
      const sums = gradientSums(
        tf,
        dimension,
        Float32Array.from(u, (component) => -component),
      );
      const jackknifeProducts = new Float64Array(jackknifeSamples);
      const passes = gradientSamples + jackknifeSamples;
      for (let pass = 0; pass < passes; pass++) {
        const i = pass % gradientSamples;
        const where = `sampled minibatch ${i + 1} at epoch ${epoch}`;
        await withGradient(tf, model, gatherer, minibatches[i] as Uint32Array, where, (gradient) => {
          if (pass < gradientSamples) sums.add(gradient);
          else jackknifeProducts[i] = sums.jackknifeProduct(gradient, i);
        });
        context.progress((pass + 1) / passes);
      }
      const { norms, projections, resultant, meanGradientNorm } = sums.results();
      return {
        samples: {
          norms: vector(norms),
          projections: vector(projections),
          resultant: vector(Float64Array.of(resultant)),
          meanGradientNorm: vector(Float64Array.of(meanGradientNorm)),
          jackknifeProducts: vector(jackknifeProducts),
          dimension: { shape: [1], data: Int32Array.of(dimension) },
        },
        minibatches: { indices: packIndices(minibatches, batchSize, dataset.examples) },
      };
    });
  },
});

function vector(data: Float64Array): Tensor {
  return { shape: [data.length], data };
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

function checkSampleSizes(
  examples: number,
  sizes: { readonly batchSize: number; readonly gradientSamples: number; readonly jackknifeSamples: number },
): void {
  const { batchSize, gradientSamples, jackknifeSamples } = sizes;
  if (batchSize > examples) {
    throw new Failure('usage', {
      fact: `a minibatch of ${batchSize} different examples cannot be drawn out of ${examples}`,
      fix: `set batchSize to at most ${examples}, or examples to at least ${batchSize}`,
    });
  }
  if (jackknifeSamples > gradientSamples) {
    throw new Failure('usage', {
      fact: `jackknifeSamples is ${jackknifeSamples}, more than the ${gradientSamples} gradientSamples`,
      fix: `set jackknifeSamples to at most ${gradientSamples}`,
    });
  }
}
