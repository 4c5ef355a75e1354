import { beforeAll, describe, expect, it } from 'vitest';
import { flattenInto, withGradient } from '../../../src/sgd/gradients/gradient.ts';
import { type Model, withModel } from '../../../src/sgd/networks/model.ts';
import { trainableDimension } from '../../../src/sgd/networks/variables.ts';
import { backward } from '../../../src/sgd/training/backward.ts';
import type { Dataset } from '../../../src/sgd/training/dataset.ts';
import { MinibatchGatherer } from '../../../src/sgd/training/minibatch.ts';
import type { TensorFlow } from '../../../src/tensors/tensorflow.ts';
import {
  BACKENDS,
  CLASSES,
  examplesAt,
  SETUP_NAMES,
  SETUPS,
  someDataset,
  someWeights,
  tensorFlow,
} from '../support/fixtures.ts';
import { finiteDifferences, referencePass, type Setup, toFloat64 } from '../support/reference.ts';

const indices = Uint32Array.of(3, 38, 0, 17, 21);

type Take = (indices: Uint32Array) => Promise<Float32Array>;

function flattenedGradient(
  tf: TensorFlow,
  model: Model,
  dataset: Dataset,
  indices: Uint32Array,
  where = 'a test',
): Promise<Float32Array> {
  const gatherer = new MinibatchGatherer(tf, dataset, CLASSES, indices.length);
  return withGradient(tf, model, gatherer, indices, where, (gradient) => {
    const flat = new Float32Array(trainableDimension(model.variables));
    flattenInto(tf, gradient, flat);
    return flat;
  });
}

/** The gradient by every trainable variable, by central differences; the same for all backends. */
const expectedGradients = new Map<string, readonly number[]>();

function expectedGradient(name: keyof typeof SETUPS): readonly number[] {
  const known = expectedGradients.get(name);
  if (known) return known;
  const setup = SETUPS[name];
  const { images, labels } = examplesAt(someDataset(40, setup.imageShape), indices);
  const weights = toFloat64(someWeights(setup));
  const trainable = Object.keys(weights).filter((variable) => !variable.includes('/moving'));
  const gradient = trainable.flatMap((variable) => [...finiteDifferences(setup, weights, variable, images, labels)]);
  expectedGradients.set(name, gradient);
  return gradient;
}

describe.each(BACKENDS)('gradients on %s', (backend) => {
  let tf: TensorFlow;
  beforeAll(async () => {
    tf = await tensorFlow(backend);
  });

  describe.each(SETUP_NAMES)('%s', (name) => {
    const setup: Setup = SETUPS[name];
    const { architecture, imageShape } = setup;
    const weights = someWeights(setup);
    const dataset = someDataset(40, imageShape);
    const onBackend = <T>(use: (take: Take, model: Model) => Promise<T>) =>
      withModel(tf, architecture, imageShape, weights, (model) =>
        use((indices) => flattenedGradient(tf, model, dataset, indices), model),
      );

    it('agrees with central differences of an independent float64 loss', async () => {
      const gradient = await onBackend((take) => take(indices));
      const expected = expectedGradient(name);
      expect(gradient.length).toBe(expected.length);
      const error = Math.hypot(...expected.map((value, i) => value - (gradient[i] as number)));
      expect(error / Math.hypot(...expected)).toBeLessThan(2e-6);
      const largest = Math.max(...expected.map(Math.abs));
      expected.forEach((value, i) => {
        expect(Math.abs(value - (gradient[i] as number))).toBeLessThan(1e-5 * largest);
      });
    });

    it('gives the loss and the count of right answers of the float64 forward pass', async () => {
      const { images, labels } = examplesAt(dataset, indices);
      const reference = referencePass(setup, toFloat64(weights), images, labels, 'batch');
      const correct = reference.logits.filter((z, row) => z.indexOf(Math.max(...z)) === labels[row]).length;
      const found = await onBackend(async (_, model) => {
        const gatherer = new MinibatchGatherer(tf, dataset, CLASSES, indices.length);
        const pass = gatherer.with(indices, (minibatch) => backward(tf, model, minibatch, { kind: 'training' }));
        for (const { gradient } of pass.gradients) gradient.dispose();
        return pass;
      });
      expect(found.loss).toBeCloseTo(reference.loss, 6);
      expect(found.correct).toBe(correct);
    });

    it('leaves no tensor behind, and the running statistics as they were', async () => {
      const before = tf.memory();
      await onBackend(async (take, model) => {
        const loaded = tf.memory().numTensors;
        const first = await take(indices);
        expect(tf.memory().numTensors).toBe(loaded);
        await take(Uint32Array.of(1, 2));
        expect(await take(indices)).toEqual(first);
        expect(tf.memory().numTensors).toBe(loaded);
        expect(model.weights.download()).toEqual(weights);
      });
      const after = tf.memory();
      expect(after.numTensors).toBe(before.numTensors);
      expect(after.numDataBuffers).toBe(before.numDataBuffers);
    });
  });
});

describe('gradients at weights that have diverged', () => {
  it('names the minibatch and the fix', async () => {
    const tf = await tensorFlow('wasm');
    const { architecture, imageShape } = SETUPS.fnn;
    const weights = someWeights(SETUPS.fnn);
    weights['logits/kernel']?.data.fill(Number.NaN);
    const taken = withModel(tf, architecture, imageShape, weights, (model) =>
      flattenedGradient(tf, model, someDataset(40, imageShape), indices, 'sampled minibatch 4 at epoch 2'),
    );
    await expect(taken).rejects.toMatchObject({ kind: 'stage' });
    await expect(taken).rejects.toThrow(/NaN at sampled minibatch 4 at epoch 2[\s\S]*learningRate/);
  });
});
