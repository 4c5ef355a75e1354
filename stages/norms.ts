import * as v from 'valibot';
import { safetensors } from '../src/engine/stage/codecs/safetensors.ts';
import { Failure, randomStream } from '../src/engine/stage/index.ts';
import { defineStage, one } from '../src/engine/stage/stage.ts';
import { MinibatchGradientNorms } from '../src/sgd/gradients/gradient-norm.ts';
import { architectureSchema } from '../src/sgd/networks/architecture.ts';
import { withModel } from '../src/sgd/networks/model.ts';
import { datasetOf } from '../src/sgd/training/dataset.ts';
import { loadTensorFlow } from '../src/tensors/backends/load.ts';
import { integerCoordinate } from './support/coordinates.ts';
import { exampleLimit, positiveInteger } from './support/params.ts';

/** How many minibatches of a size are drawn: enough to hold `examples` in all, within the bounds. */
const minibatchCount = v.strictObject({
  fewest: v.pipe(positiveInteger, v.minValue(2)),
  most: positiveInteger,
  examples: positiveInteger,
});

/** The norms ‖ĝ_i‖ of independently drawn minibatches of one size at one point, each without replacement. */
export default defineStage({
  params: v.strictObject({
    model: architectureSchema,
    /** m, from 1 to the number of examples. */
    batchSize: positiveInteger,
    minibatches: minibatchCount,
    examples: exampleLimit,
  }),
  inputs: { weights: one(safetensors), train: one(safetensors) },
  outputs: { norms: safetensors },
  async run(context) {
    const { params, coordinates, inputs, compute } = context;
    const { model: architecture, batchSize } = params;
    const { fewest, most, examples } = params.minibatches;
    const seed = integerCoordinate(coordinates, 'seed');
    const dataset = datasetOf(inputs.train, params.examples);
    if (batchSize > dataset.examples) {
      throw new Failure('usage', {
        fact: `a minibatch of ${batchSize} different examples cannot be drawn out of ${dataset.examples}`,
        fix: `leave out of the list of batch sizes those above ${dataset.examples}`,
      });
    }
    const count = Math.max(fewest, Math.min(most, Math.ceil(examples / batchSize)));
    const draws = randomStream(seed, 'minibatches of one size', { batchSize });
    const tf = await loadTensorFlow(compute);
    return withModel(tf, architecture, dataset.imageShape, inputs.weights, async (model) => {
      const gradients = new MinibatchGradientNorms(tf, model, dataset, batchSize);
      const data = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const indices = draws.subset(dataset.examples, batchSize);
        data[i] = await gradients.norm(indices, `minibatch ${i + 1} of ${batchSize} examples`);
        context.progress((i + 1) / count);
      }
      return { norms: { norms: { shape: [count], data } } };
    });
  },
});
