import * as v from 'valibot';
import { safetensors } from '../src/engine/stage/codecs/safetensors.ts';
import { randomStream } from '../src/engine/stage/index.ts';
import { defineStage } from '../src/engine/stage/stage.ts';
import { architectureSchema } from '../src/sgd/networks/architecture.ts';
import { variablesOf } from '../src/sgd/networks/variables.ts';
import { initialWeights } from '../src/sgd/networks/weights.ts';
import { integerCoordinate } from './support/coordinates.ts';
import { positiveInteger } from './support/params.ts';

/** Draws the initial point of a model. Every variable has a random stream of its own. */
export default defineStage({
  params: v.strictObject({
    model: architectureSchema,
    /** Height, width and channels of the images. */
    inputs: v.pipe(v.array(positiveInteger), v.length(3)),
    classes: positiveInteger,
  }),
  inputs: {},
  outputs: { weights: safetensors },
  run({ params: { model, inputs, classes }, coordinates }) {
    const seed = integerCoordinate(coordinates, 'seed');
    const variables = variablesOf(model, { imageShape: inputs, classes });
    return {
      weights: initialWeights(variables, (variable) => randomStream(seed, 'initial weights', { variable })),
    };
  },
});
