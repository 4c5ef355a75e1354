import * as v from 'valibot';
import { loadTensorFlow } from '../src/compute/load.ts';
import { safetensors } from '../src/contract/codecs/safetensors.ts';
import { Failure, randomStream, type Tensor } from '../src/contract/index.ts';
import { defineStage, one } from '../src/contract/stage.ts';
import { architectureSchema } from '../src/models/architecture.ts';
import { datasetOf } from '../src/models/dataset.ts';
import { bytesOfExampleGradients, whyNotFactored } from '../src/models/example-gradients.ts';
import { type Model, withModel } from '../src/models/model.ts';
import { trainableDimension } from '../src/models/variables.ts';
import { uniformDirection } from '../src/vmf/sampler.ts';
import { integerCoordinate } from './support/coordinates.ts';
import { sampleByFactors } from './support/factored-sampling.ts';
import { sampleByLoop } from './support/loop-sampling.ts';
import { exampleLimit, positiveInteger } from './support/params.ts';

/** How the sums are computed; the numbers are the same but for rounding. */
const method = /* @__PURE__ */ v.picklist(['auto', 'loop', 'factored']);

const params = /* @__PURE__ */ v.pipe(
  /* @__PURE__ */ v.strictObject({
    model: architectureSchema,
    batchSize: positiveInteger,
    /** n_s */
    gradientSamples: positiveInteger,
    /** How many of them the jackknife leaves out in turn, at most n_s. */
    jackknifeSamples: /* @__PURE__ */ v.pipe(
      /* @__PURE__ */ v.number(),
      /* @__PURE__ */ v.safeInteger(),
      /* @__PURE__ */ v.minValue(0),
    ),
    examples: exampleLimit,
    /** For `auto` the faster one of those that the model and the memory allow. */
    method,
  }),
  /* @__PURE__ */ v.forward(
    /* @__PURE__ */ v.check(
      ({ method, model }) => method !== 'factored' || whyNotFactored(model) === undefined,
      ({ input }) =>
        `"factored" is for fully connected networks without batch normalisation, and here ${whyNotFactored(input.model)}; say auto or loop`,
    ),
    ['method'],
  ),
);

type Params = v.InferOutput<typeof params>;

/**
 * Takes the negative gradients ĝ_i of n_s minibatches at one point, and keeps the sums that the directional statistics
 * are functions of, never the gradients. Minibatches are independent draws, each without replacement.
 */
export default defineStage({
  params,
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
      const dimension = trainableDimension(model.variables);
      // The same u at every epoch of a seed.
      const u = uniformDirection(dimension, randomStream(seed, 'fixed direction'));
      const direction = Float32Array.from(u, (component) => -component);
      const sample = sampler(params, model, dataset.examples);
      const { norms, projections, resultant, meanGradientNorm, jackknifeProducts } = await sample({
        tf,
        model,
        dataset,
        minibatches,
        direction,
        jackknifeSamples,
        epoch,
        progress: context.progress,
      });
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

/** What the factors of all examples may take, in bytes: a node is to stay under 2 GB in all. */
const MAXIMUM_FACTORS = 1.5e9;

/** In how many minibatches an example is to be on average, for the factored method to be the faster one. */
const WORTHWHILE_USES = 3;

function sampler({ method, batchSize, gradientSamples }: Params, model: Model, examples: number) {
  if (method === 'auto') {
    const isPossible = whyNotFactored(model.architecture) === undefined;
    const isWorthwhile = gradientSamples * batchSize >= WORTHWHILE_USES * examples;
    const fits = isPossible && bytesOfExampleGradients(model) * examples <= MAXIMUM_FACTORS;
    return fits && isWorthwhile ? sampleByFactors : sampleByLoop;
  }
  return method === 'factored' ? sampleByFactors : sampleByLoop;
}

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
