import * as v from 'valibot';
import { safetensors } from '../src/engine/stage/codecs/safetensors.ts';
import { Failure, randomStream, type Tensor } from '../src/engine/stage/index.ts';
import { defineStage, one } from '../src/engine/stage/stage.ts';
import { withGradient } from '../src/sgd/gradients/gradient.ts';
import { architectureSchema } from '../src/sgd/networks/architecture.ts';
import { withModel } from '../src/sgd/networks/model.ts';
import { trainableDimension } from '../src/sgd/networks/variables.ts';
import { datasetOf } from '../src/sgd/training/dataset.ts';
import { descend } from '../src/sgd/training/descent.ts';
import { MinibatchGatherer, minibatchesOf } from '../src/sgd/training/minibatch.ts';
import { loadTensorFlow } from '../src/tensors/backends/load.ts';
import { consecutiveCosines } from './support/consecutive-cosines.ts';
import { integerCoordinate } from './support/coordinates.ts';
import { exampleLimit, positiveInteger } from './support/params.ts';

/**
 * Takes the first steps of the epoch after a checkpoint once more, on the minibatches that `train` takes them on, and measures the cosine of the gradients
 * of each step and the next.
 */
export default defineStage({
  params: v.strictObject({
    model: architectureSchema,
    batchSize: positiveInteger,
    learningRate: v.pipe(v.number(), v.gtValue(0)),
    dropLast: v.boolean(),
    examples: exampleLimit,
    /** At least 2, and at most those of an epoch. */
    steps: v.pipe(v.number(), v.safeInteger(), v.minValue(2)),
  }),
  inputs: { train: one(safetensors), weights: one(safetensors) },
  outputs: { steps: safetensors },
  async run({ params, coordinates, inputs, compute, progress }) {
    const { model: architecture, batchSize, learningRate, dropLast, steps } = params;
    const seed = integerCoordinate(coordinates, 'seed');
    const epoch = integerCoordinate(coordinates, 'epoch') + 1;
    const dataset = datasetOf(inputs.train, params.examples);
    const order = randomStream(seed, 'minibatch order', { epoch }).permutation(dataset.examples);
    const minibatches = minibatchesOf(order, batchSize, dropLast).slice(0, steps);
    if (minibatches.length < 2) {
      throw new Failure('usage', {
        fact: `an epoch of ${dataset.examples} examples has ${minibatches.length} minibatches of ${batchSize}, and no two successive ones`,
        fix: `set batchSize to at most ${Math.floor(dataset.examples / 2)}`,
      });
    }
    const tf = await loadTensorFlow(compute);
    return withModel(tf, architecture, dataset.imageShape, inputs.weights, async (model) => {
      const gatherer = new MinibatchGatherer(tf, dataset, model.classes, batchSize);
      const names = model.variables.flatMap(({ name, trainable }) => (trainable ? [name] : []));
      const cosines = consecutiveCosines(tf, trainableDimension(model.variables));
      for (const [step, indices] of minibatches.entries()) {
        const where = `step ${step + 1} of epoch ${epoch}`;
        await withGradient(tf, model, gatherer, indices, where, (gradient) => {
          cosines.add(gradient);
          gradient.forEach((ofVariable, i) => {
            const name = names[i] as string;
            model.weights.replace(name, descend(tf, model.weights.get(name), ofVariable, learningRate));
          });
        });
        progress((step + 1) / minibatches.length);
      }
      const values = cosines.values();
      const measured: Tensor = { shape: [values.length], data: values };
      return { steps: { cosines: measured } };
    });
  },
});
