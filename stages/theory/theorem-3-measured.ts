import * as v from 'valibot';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { safetensors } from '../../src/engine/stage/codecs/safetensors.ts';
import { randomStream, type Tensors } from '../../src/engine/stage/index.ts';
import { defineStage, many, one } from '../../src/engine/stage/stage.ts';
import { type TheoryCheck, tightest } from '../../src/sgd/figures/tables/theory.ts';
import { flattenInto, withGradient } from '../../src/sgd/gradients/gradient.ts';
import { architectureSchema } from '../../src/sgd/networks/architecture.ts';
import { withModel } from '../../src/sgd/networks/model.ts';
import { trainableDimension } from '../../src/sgd/networks/variables.ts';
import { gramMatrix } from '../../src/sgd/statistics/theory/gram.ts';
import { checkStep, coordinatesOf, resultantOf, type StepCheck } from '../../src/sgd/statistics/theory/theorem-3.ts';
import { datasetOf } from '../../src/sgd/training/dataset.ts';
import { MinibatchGatherer } from '../../src/sgd/training/minibatch.ts';
import { sgdStep } from '../../src/sgd/training/training.ts';
import { loadTensorFlow } from '../../src/tensors/backends/load.ts';
import { integerCoordinate } from '../support/coordinates.ts';
import { exampleLimit, positiveInteger } from '../support/params.ts';
import { LEMMA_2, THEOREM_3 } from './claims.ts';

/** Steps at one point w. */
interface PointCheck {
  readonly where: string;
  /** Along u. */
  readonly lemma: StepCheck;
  /** Along v. */
  readonly theorem: StepCheck;
}

/**
 * Lemma 2 and Theorem 3 at real points: p_j is where descent on the loss of minibatch j alone leads from w. v is the sum of the directions
 * of the negative gradients at w.
 */
export default defineStage({
  params: v.strictObject({
    model: architectureSchema,
    batchSize: positiveInteger,
    examples: exampleLimit,
    /** n_b */
    minimisers: positiveInteger,
    steps: positiveInteger,
    learningRate: v.pipe(v.number(), v.gtValue(0)),
  }),
  inputs: { weights: many(safetensors), train: one(safetensors) },
  outputs: { checks: json<readonly TheoryCheck[]>() },
  async run(context) {
    const { params, inputs, compute } = context;
    const dataset = datasetOf(inputs.train, params.examples);
    const tf = await loadTensorFlow(compute);
    const found: PointCheck[] = [];
    for (const { coordinates, value: weights } of inputs.weights) {
      const seed = integerCoordinate(coordinates, 'seed');
      // The start of a chain of epochs is a node of another stage, without an epoch.
      const epoch = 'epoch' in coordinates ? integerCoordinate(coordinates, 'epoch') : 0;
      const draws = randomStream(seed, 'minibatches of Theorem 3', { epoch });
      const steps: Float32Array[] = [];
      const descents: Float32Array[] = [];
      for (let j = 0; j < params.minimisers; j++) {
        const minibatch = draws.subset(dataset.examples, params.batchSize);
        await withModel(tf, params.model, dataset.imageShape, weights, async (model) => {
          const gatherer = new MinibatchGatherer(tf, dataset, model.classes, params.batchSize);
          const dimension = trainableDimension(model.variables);
          const where = `minibatch ${j + 1} of Theorem 3, seed ${seed}, epoch ${epoch}`;
          descents.push(
            await withGradient(tf, model, gatherer, minibatch, where, (gradient) => {
              const flat = new Float32Array(dimension);
              flattenInto(tf, gradient, flat);
              return flat.map((component) => -component);
            }),
          );
          for (let step = 0; step < params.steps; step++) {
            gatherer.with(minibatch, (gathered) => sgdStep(tf, model, gathered, params.learningRate));
          }
          const trainable = model.variables.filter((variable) => variable.trainable).map(({ name }) => name);
          steps.push(difference(model.weights.download(), weights, trainable, dimension));
        });
        context.progress((found.length + (j + 1) / params.minimisers) / inputs.weights.length);
      }
      const coordinatesOfAll = coordinatesOf(gramMatrix([...steps, ...descents]));
      const points = coordinatesOfAll.slice(0, params.minimisers);
      const gradientSum = resultantOf(coordinatesOfAll.slice(params.minimisers));
      found.push({
        where: `p_j after ${params.steps} steps on each of ${params.minimisers} minibatches, seed ${seed}, epoch ${epoch}`,
        lemma: checkStep(points, resultantOf(points)),
        theorem: checkStep(points, gradientSum),
      });
    }
    const ratio = (statement: string, what: string, name: 'lemma' | 'theorem') =>
      tightest(
        found.map(({ where, [name]: { ratio: measured } }) => ({
          statement,
          computed: `largest ratio of the two, ${what}; ${where}`,
          measured,
          relation: '<',
          bound: 1,
        })),
      );
    return {
      checks: [
        ratio(LEMMA_2, 'step εu, real points', 'lemma'),
        tightest(
          found.map(({ where, theorem }) => ({
            statement: 'Theorem 3, its condition: ‖u − Σ ĝ_j/‖ĝ_j‖‖ ≤ ξ',
            computed: `real points and gradients; ${where}`,
            measured: theorem.deviation,
            relation: '≤',
            bound: theorem.tolerated,
          })),
        ),
        ratio(THEOREM_3, 'v = Σ ĝ_j/‖ĝ_j‖, real points and gradients', 'theorem'),
      ],
    };
  },
});

/** after − before of the trainable variables, flattened. */
function difference(after: Tensors, before: Tensors, names: readonly string[], dimension: number): Float32Array {
  const flat = new Float32Array(dimension);
  let offset = 0;
  for (const name of names) {
    const [to, from] = [after[name]?.data ?? [], before[name]?.data ?? []];
    for (let i = 0; i < to.length; i++) flat[offset + i] = (to[i] as number) - (from[i] as number);
    offset += to.length;
  }
  return flat;
}
