import * as v from 'valibot';
import { json } from '../src/engine/stage/codecs/json.ts';
import { safetensors } from '../src/engine/stage/codecs/safetensors.ts';
import { Failure, randomStream } from '../src/engine/stage/index.ts';
import { defineStage, one } from '../src/engine/stage/stage.ts';
import { architectureSchema } from '../src/sgd/networks/architecture.ts';
import { withModel } from '../src/sgd/networks/model.ts';
import { datasetOf } from '../src/sgd/training/dataset.ts';
import { MinibatchGatherer, minibatchesOf } from '../src/sgd/training/minibatch.ts';
import { trainEpoch } from '../src/sgd/training/training.ts';
import { loadTensorFlow } from '../src/tensors/backends/load.ts';
import { integerCoordinate } from './support/coordinates.ts';
import { exampleLimit, positiveInteger } from './support/params.ts';

interface TrainingMetrics {
  readonly epoch: number;
  readonly steps: number;
  /** Means over the epoch's minibatches, each at the time when it was trained on. */
  readonly trainingLoss: number;
  readonly trainingAccuracy: number;
}

/** Trains a model for one epoch of plain SGD with a fixed learning rate, from the weights of the epoch before. */
export default defineStage({
  params: v.strictObject({
    model: architectureSchema,
    batchSize: positiveInteger,
    learningRate: v.pipe(v.number(), v.gtValue(0)),
    /** Whether to leave out a short last minibatch of the epoch. */
    dropLast: v.boolean(),
    examples: exampleLimit,
  }),
  inputs: { train: one(safetensors), weights: one(safetensors) },
  outputs: { weights: safetensors, metrics: json<TrainingMetrics>() },
  async run(context) {
    const { params, coordinates, inputs, compute } = context;
    const { model: architecture, batchSize, learningRate, dropLast } = params;
    const seed = integerCoordinate(coordinates, 'seed');
    const epoch = integerCoordinate(coordinates, 'epoch');
    const dataset = datasetOf(inputs.train, params.examples);
    const order = randomStream(seed, 'minibatch order', { epoch }).permutation(dataset.examples);
    const minibatches = minibatchesOf(order, batchSize, dropLast);
    if (minibatches.length === 0) {
      throw new Failure('usage', {
        fact: `an epoch of ${dataset.examples} examples has no whole minibatch of ${batchSize}`,
        fix: `set batchSize to at most ${dataset.examples}, or dropLast to false`,
      });
    }
    const tf = await loadTensorFlow(compute);
    return withModel(tf, architecture, dataset.imageShape, inputs.weights, async (model) => {
      const gatherer = new MinibatchGatherer(tf, dataset, model.classes, batchSize);
      const progress = (fraction: number) => context.progress(fraction);
      // Counted from the first epoch on, so that the epochs of a chain make one curve.
      const before = (epoch - 1) * minibatches.length;
      const report = (step: number, loss: number, accuracy: number) => {
        context.metric('loss', loss, before + step);
        context.metric('accuracy', accuracy, before + step);
      };
      const plan = { epoch, gatherer, minibatches, learningRate, progress, report };
      const { weights, metrics } = await trainEpoch(tf, model, plan);
      return { weights, metrics: { epoch, ...metrics } };
    });
  },
});
