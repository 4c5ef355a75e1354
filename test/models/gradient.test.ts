import { beforeAll, describe, expect, it } from 'vitest';
import { backward } from '../../src/models/backward.ts';
import { GradientSampler } from '../../src/models/gradient.ts';
import { MinibatchGatherer } from '../../src/models/minibatch.ts';
import { type Model, withModel } from '../../src/models/model.ts';
import type { TensorFlow } from '../../src/models/tensorflow.ts';
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

describe.each(BACKENDS)('gradients on %s', (backend) => {
  let tf: TensorFlow;
  beforeAll(async () => {
    tf = await tensorFlow(backend);
  });

  describe.each(Object.keys(SETUPS))('%s', (setup) => {
    const architecture = SETUPS[setup] as (typeof SETUPS)[string];
    const weights = someWeights(architecture);
    const withSampler = <T>(use: (sampler: GradientSampler, model: Model) => Promise<T>) =>
      withModel(tf, architecture, IMAGE_SHAPE, weights, (model) =>
        use(new GradientSampler(tf, model, new MinibatchGatherer(tf, dataset, CLASSES, indices.length)), model),
      );

    it('agrees with central differences of an independent float64 loss', async () => {
      const gradient = await withSampler((sampler) => sampler.negativeGradient(indices, 'test'));
      const { images, labels } = examplesAt(dataset, indices);
      const reference = toFloat64(weights);
      const trainable = Object.keys(weights).filter((name) => !name.includes('/moving'));
      const expected = trainable.flatMap((name) => [
        ...finiteDifferences(architecture, reference, name, images, labels),
      ]);
      expect(gradient.length).toBe(expected.length);
      const error = Math.hypot(...expected.map((value, i) => value + (gradient[i] as number)));
      expect(error / Math.hypot(...expected)).toBeLessThan(2e-6);
      const largest = Math.max(...expected.map(Math.abs));
      expected.forEach((value, i) => {
        expect(Math.abs(value + (gradient[i] as number))).toBeLessThan(1e-5 * largest);
      });
    });

    it('gives the loss and the count of right answers of the float64 forward pass', async () => {
      const { images, labels } = examplesAt(dataset, indices);
      const reference = referencePass(architecture, toFloat64(weights), images, labels, 'batch');
      const correct = reference.logits.filter((z, row) => z.indexOf(Math.max(...z)) === labels[row]).length;
      const found = await withSampler(async (_, model) => {
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
      await withSampler(async (sampler, model) => {
        const loaded = tf.memory().numTensors;
        const first = (await sampler.negativeGradient(indices, 'test')).slice();
        expect(tf.memory().numTensors).toBe(loaded);
        await sampler.negativeGradient(Uint32Array.of(1, 2), 'test');
        expect(await sampler.negativeGradient(indices, 'test')).toEqual(first);
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
      new GradientSampler(tf, model, new MinibatchGatherer(tf, dataset, CLASSES, 9)).negativeGradient(
        indices,
        'sampled minibatch 4 at epoch 2',
      ),
    );
    await expect(taken).rejects.toMatchObject({ kind: 'stage' });
    await expect(taken).rejects.toThrow(/NaN at sampled minibatch 4 at epoch 2[\s\S]*learningRate/);
  });
});
