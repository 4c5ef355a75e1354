import * as v from 'valibot';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { safetensors } from '../../src/engine/stage/codecs/safetensors.ts';
import { randomStream } from '../../src/engine/stage/index.ts';
import { defineStage, many, one } from '../../src/engine/stage/stage.ts';
import { type TheoryCheck, tightest } from '../../src/sgd/figures/tables/theory.ts';
import { flattenInto, withGradient } from '../../src/sgd/gradients/gradient.ts';
import { architectureSchema } from '../../src/sgd/networks/architecture.ts';
import { withModel } from '../../src/sgd/networks/model.ts';
import { trainableDimension } from '../../src/sgd/networks/variables.ts';
import { gramMatrix } from '../../src/sgd/statistics/theory/gram.ts';
import { type Bounded, exactNormMoments, theorem1Bounds } from '../../src/sgd/statistics/theory/theorem-1.ts';
import { datasetOf } from '../../src/sgd/training/dataset.ts';
import { MinibatchGatherer } from '../../src/sgd/training/minibatch.ts';
import { loadTensorFlow } from '../../src/tensors/backends/load.ts';
import { integerCoordinate } from '../support/coordinates.ts';
import { exampleLimit, positiveInteger } from '../support/params.ts';

const CLAIMS = {
  nonNegative: '‖g‖ ≤ E‖ĝ‖',
  mean: 'E‖ĝ‖ − ‖g‖ ≤ 2(n−m)/(m(n−1)) · γ/(E‖ĝ‖ + ‖g‖)',
  variance: 'Var‖ĝ‖ ≤ 2(n−m)γ/(m(n−1))',
  stochasticity: '√Var‖ĝ‖/E‖ĝ‖ ≤ √(2(n−m)γ/(m(n−1)‖g‖²))',
} as const;

/**
 * Theorem 1 at real points with real gradients of single examples: expectation and variance over all minibatches of m out of n
 * examples. All of these are enumerated, so that nothing is left to chance.
 */
export default defineStage({
  params: v.strictObject({
    model: architectureSchema,
    examples: exampleLimit,
    /** n */
    population: v.pipe(positiveInteger, v.minValue(2)),
    /** m */
    batchSizes: v.pipe(v.array(positiveInteger), v.minLength(1)),
  }),
  inputs: { weights: many(safetensors), train: one(safetensors) },
  outputs: { checks: json<readonly TheoryCheck[]>() },
  async run(context) {
    const { params, inputs, compute } = context;
    const { model: architecture, population, batchSizes } = params;
    const dataset = datasetOf(inputs.train, params.examples);
    const tf = await loadTensorFlow(compute);
    const checks: TheoryCheck[] = [];
    for (const { coordinates, value: weights } of inputs.weights) {
      const seed = integerCoordinate(coordinates, 'seed');
      // The start of a chain of epochs is a node of another stage, without an epoch.
      const epoch = 'epoch' in coordinates ? integerCoordinate(coordinates, 'epoch') : 0;
      const chosen = randomStream(seed, 'examples of Theorem 1', { epoch }).subset(dataset.examples, population);
      const gram = await withModel(tf, architecture, dataset.imageShape, weights, async (model) => {
        const gatherer = new MinibatchGatherer(tf, dataset, model.classes, 1);
        const gradients: Float32Array[] = [];
        for (const example of chosen) {
          const where = `example ${example} at epoch ${epoch} of seed ${seed}`;
          await withGradient(tf, model, gatherer, Uint32Array.of(example), where, (gradient) => {
            const flat = new Float32Array(trainableDimension(model.variables));
            flattenInto(tf, gradient, flat);
            gradients.push(flat);
          });
        }
        return gramMatrix(gradients);
      });
      for (const batchSize of batchSizes.filter((size) => size <= population)) {
        const bounds = theorem1Bounds(exactNormMoments(gram, batchSize));
        const computed = `all minibatches of m = ${batchSize} out of n = ${population} examples, seed ${seed}, epoch ${epoch}`;
        checks.push(
          ...Object.entries(bounds).map(
            ([name, { measured, bound }]: [string, Bounded]): TheoryCheck => ({
              statement: `Theorem 1: ${CLAIMS[name as keyof typeof CLAIMS]}`,
              computed,
              measured,
              relation: '≤',
              bound,
            }),
          ),
        );
      }
    }
    return {
      checks: Object.values(CLAIMS).map((claim) => {
        const ofClaim = checks.filter(({ statement }) => statement.endsWith(claim));
        const worst = tightest(ofClaim);
        return { ...worst, computed: `the tightest of ${ofClaim.length} cases: ${worst.computed}` };
      }),
    };
  },
});
