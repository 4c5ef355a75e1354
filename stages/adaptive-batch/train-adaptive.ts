import { setImmediate as nextTurn } from 'node:timers/promises';
import * as v from 'valibot';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { safetensors } from '../../src/engine/stage/codecs/safetensors.ts';
import { randomStream } from '../../src/engine/stage/index.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { architectureSchema } from '../../src/sgd/networks/architecture.ts';
import { withModel } from '../../src/sgd/networks/model.ts';
import { trainableDimension } from '../../src/sgd/networks/variables.ts';
import { gradientNoise } from '../../src/sgd/statistics/gradient-noise.ts';
import { directionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { backward } from '../../src/sgd/training/backward.ts';
import { datasetOf } from '../../src/sgd/training/dataset.ts';
import { descend } from '../../src/sgd/training/descent.ts';
import { MinibatchGatherer, minibatchesOf } from '../../src/sgd/training/minibatch.ts';
import { requireFiniteLoss } from '../../src/sgd/training/require-finite-loss.ts';
import { observingPhase } from '../../src/sgd/training/training.ts';
import { loadTensorFlow } from '../../src/tensors/backends/load.ts';
import { integerCoordinate } from '../support/coordinates.ts';
import { gradientSums } from '../support/gradient-sums.ts';
import { exampleLimit, positiveInteger } from '../support/params.ts';
import type { RunState } from './begin.ts';
import { type Measured, nextBatchSize, ruleSchema } from './rule.ts';

/** What an epoch was like. */
export interface AdaptiveMetrics extends Measured, RunState {
  readonly epoch: number;
  /** Mean over the epoch's examples, each at the time when it was trained on. */
  readonly trainingLoss: number;
}

/**
 * One epoch of SGD with minibatches of the size that the epochs before decided. The learning rate is proportional to that size. κ̂ and the noise scale are those of the
 * gradients of the last steps, which the training computes anyway; they are of a path, and not of a point.
 */
export default defineStage({
  params: v.strictObject({
    model: architectureSchema,
    rule: ruleSchema,
    /** m of the learning rate. */
    referenceBatchSize: positiveInteger,
    learningRate: v.pipe(v.number(), v.gtValue(0)),
    examples: exampleLimit,
    /** How many of the last steps are measured, at most. */
    window: v.pipe(positiveInteger, v.minValue(2)),
    largestBatchSize: positiveInteger,
  }),
  inputs: { train: one(safetensors), weights: one(safetensors), state: one(json<RunState>()) },
  outputs: { weights: safetensors, state: json<RunState>(), metrics: json<AdaptiveMetrics>() },
  async run({ params, coordinates, inputs, compute, progress }) {
    const seed = integerCoordinate(coordinates, 'seed');
    const epoch = integerCoordinate(coordinates, 'epoch');
    const dataset = datasetOf(inputs.train, params.examples);
    const { batchSize } = inputs.state;
    const learningRate = (params.learningRate * batchSize) / params.referenceBatchSize;
    const order = randomStream(seed, 'minibatch order', { epoch }).permutation(dataset.examples);
    const minibatches = minibatchesOf(order, batchSize, true);
    const tf = await loadTensorFlow(compute);
    return withModel(tf, params.model, dataset.imageShape, inputs.weights, async (model) => {
      const gatherer = new MinibatchGatherer(tf, dataset, model.classes, batchSize);
      const { batchNorm } = params.model;
      const dimension = trainableDimension(model.variables);
      const sums = gradientSums(tf, dimension);
      let losses = 0;
      for (const [step, indices] of minibatches.entries()) {
        const phase = batchNorm ? observingPhase(tf, model, batchNorm) : ({ kind: 'training' } as const);
        const { loss, gradients } = gatherer.with(indices, (minibatch) => backward(tf, model, minibatch, phase));
        requireFiniteLoss(loss, `step ${step + 1} of epoch ${epoch}`);
        losses += loss;
        if (step >= minibatches.length - params.window) sums.add(gradients.map(({ gradient }) => gradient));
        for (const { name, gradient } of gradients) {
          model.weights.replace(name, descend(tf, model.weights.get(name), gradient, learningRate));
          gradient.dispose();
        }
        progress((step + 1) / minibatches.length);
        await nextTurn();
      }
      const sampled = sums.results();
      const { kappa, noiseFloor } = directionalStatistics({
        ...{ dimension, ...sampled },
        jackknifeProducts: new Float64Array(),
      });
      const { noiseScale } = gradientNoise({ batchSize, ...sampled });
      const measured = { batchSize, kappa, noiseFloor, noiseScale };
      const steps = inputs.state.steps + minibatches.length;
      const examples = inputs.state.examples + minibatches.length * batchSize;
      return {
        weights: model.weights.download(),
        state: { batchSize: nextBatchSize(params.rule, measured, params.largestBatchSize), steps, examples },
        metrics: { ...measured, epoch, steps, examples, trainingLoss: losses / minibatches.length },
      };
    });
  },
});
