import * as v from 'valibot';
import { safetensors } from '../src/engine/stage/codecs/safetensors.ts';
import { randomStream } from '../src/engine/stage/index.ts';
import { defineStage, one } from '../src/engine/stage/stage.ts';
import { withModel } from '../src/sgd/networks/model.ts';
import { trainableDimension } from '../src/sgd/networks/variables.ts';
import { uniformDirection } from '../src/sgd/statistics/sampler.ts';
import { datasetOf } from '../src/sgd/training/dataset.ts';
import { loadTensorFlow } from '../src/tensors/backends/load.ts';
import { integerCoordinate } from './support/coordinates.ts';
import { projectByFactors } from './support/factored-projections.ts';
import { projectByLoop } from './support/loop-projections.ts';
import { sampledMinibatches } from './support/sampled-minibatches.ts';
import { chosenMethod, samplingParams, whyImpossible } from './support/sampling-method.ts';

/**
 * Computes the components ⟨u, x_i⟩ of the directions of the gradients that `sample` draws, on a random unit vector u that is the same at all
 * checkpoints of a seed. A stage of its own: it costs a fifth of a sample by factors, and one figure at two checkpoints needs it.
 */
export default defineStage({
  params: v.pipe(
    v.strictObject(samplingParams),
    v.forward(
      v.check(
        (params) => whyImpossible(params) === undefined,
        ({ input }) => whyImpossible(input) ?? '',
      ),
      ['method'],
    ),
  ),
  inputs: { weights: one(safetensors), train: one(safetensors) },
  outputs: { projections: safetensors },
  async run({ params, coordinates, inputs, compute, progress }) {
    const seed = integerCoordinate(coordinates, 'seed');
    const epoch = integerCoordinate(coordinates, 'epoch');
    const dataset = datasetOf(inputs.train, params.examples);
    const minibatches = sampledMinibatches({ seed, epoch }, dataset.examples, params);
    const tf = await loadTensorFlow(compute);
    return withModel(tf, params.model, dataset.imageShape, inputs.weights, async (model) => {
      const dimension = trainableDimension(model.variables);
      const u = uniformDirection(dimension, randomStream(seed, 'fixed direction'));
      // The projected gradient is ∇f = −ĝ, which only changes the sign.
      const direction = Float32Array.from(u, (component) => -component);
      const ways = { loop: projectByLoop, factored: projectByFactors };
      const project = chosenMethod(params, model, dataset.examples, ways);
      const projections = await project({ tf, model, dataset, minibatches, epoch, direction, progress });
      return {
        projections: {
          projections: { shape: [projections.length], data: projections },
          dimension: { shape: [1], data: Int32Array.of(dimension) },
        },
      };
    });
  },
});
