import * as v from 'valibot';
import { json } from '../src/engine/stage/codecs/json.ts';
import { safetensors } from '../src/engine/stage/codecs/safetensors.ts';
import { defineStage, one } from '../src/engine/stage/stage.ts';
import { architectureSchema } from '../src/sgd/networks/architecture.ts';
import { withModel } from '../src/sgd/networks/model.ts';
import { datasetOf } from '../src/sgd/training/dataset.ts';
import { type Evaluation, evaluate } from '../src/sgd/training/evaluation.ts';
import { consecutive, MinibatchGatherer, minibatchesOf } from '../src/sgd/training/minibatch.ts';
import { loadTensorFlow } from '../src/tensors/backends/load.ts';
import { exampleLimit, positiveInteger } from './support/params.ts';

/** Loss and accuracy of a model on a dataset, with batch normalisation by the running statistics. */
export default defineStage({
  params: v.strictObject({
    model: architectureSchema,
    /** Examples that go through the model at once: it affects only speed and memory. */
    batchSize: positiveInteger,
    examples: exampleLimit,
  }),
  inputs: { weights: one(safetensors), data: one(safetensors) },
  outputs: { metrics: json<Evaluation>() },
  async run(context) {
    const { params, inputs, compute } = context;
    const { model: architecture, batchSize, examples } = params;
    const dataset = datasetOf(inputs.data, examples);
    const minibatches = minibatchesOf(consecutive(dataset.examples), batchSize, false);
    const tf = await loadTensorFlow(compute);
    return withModel(tf, architecture, dataset.imageShape, inputs.weights, async (model) => {
      const gatherer = new MinibatchGatherer(tf, dataset, model.classes, batchSize);
      const progress = (fraction: number) => context.progress(fraction);
      return { metrics: await evaluate(tf, model, gatherer, minibatches, progress) };
    });
  },
});
