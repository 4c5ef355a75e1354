import { beforeAll, describe, expect, it } from 'vitest';
import { backward } from '../../src/models/backward.ts';
import { flattenInto, withGradient } from '../../src/models/gradient.ts';
import { MinibatchGatherer } from '../../src/models/minibatch.ts';
import { type Model, withModel } from '../../src/models/model.ts';
import type { TensorFlow } from '../../src/models/tensorflow.ts';
import { trainableDimension } from '../../src/models/variables.ts';
import {
  BACKENDS,
  CLASSES,
  examplesAt,
  IMAGE_SHAPE,
  SETUPS,
  someDataset,
  someWeights,
  tensorFlow,
} from './fixtures.ts';
import { finiteDifferences, referencePass, toFloat64 } from './reference.ts';

const dataset = someDataset(40);
const indices = Uint32Array.of(3, 38, 0, 17, 21, 9, 30, 12, 5);

type Take = (indices: Uint32Array) => Promise<Float32Array>;

function flattenedGradient(
  tf: TensorFlow,
  model: Model,
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

describe.each(BACKENDS)('gradients on %s', (backend) => {
  let tf: TensorFlow;
  beforeAll(async () => {
    tf = await tensorFlow(backend);
  });

  describe.each(Object.keys(SETUPS))('%s', (setup) => {
    const architecture = SETUPS[setup] as (typeof SETUPS)[string];
    const weights = someWeights(architecture);
    const onBackend = <T>(use: (take: Take, model: Model) => Promise<T>) =>
      withModel(tf, architecture, IMAGE_SHAPE, weights, (model) =>
        use((indices) => flattenedGradient(tf, model, indices), model),
      );

    it('agrees with central differences of an independent float64 loss', async () => {
      const gradient = await onBackend((take) => take(indices));
      const { images, labels } = examplesAt(dataset, indices);
      const reference = toFloat64(weights);
      const trainable = Object.keys(weights).filter((name) => !name.includes('/moving'));
      const expected = trainable.flatMap((name) => [
        ...finiteDifferences(architecture, reference, name, images, labels),
      ]);
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
      const reference = referencePass(architecture, toFloat64(weights), images, labels, 'batch');
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
    const architecture = SETUPS.fnn as (typeof SETUPS)[string];
    const weights = someWeights(architecture);
    weights['logits/kernel']?.data.fill(Number.NaN);
    const taken = withModel(tf, architecture, IMAGE_SHAPE, weights, (model) =>
      flattenedGradient(tf, model, indices, 'sampled minibatch 4 at epoch 2'),
    );
    await expect(taken).rejects.toMatchObject({ kind: 'stage' });
    await expect(taken).rejects.toThrow(/NaN at sampled minibatch 4 at epoch 2[\s\S]*learningRate/);
  });
});
