import type * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/engine/base/random.ts';
import type { Weights } from '../../src/sgd/networks/weights.ts';
import { datasetOf } from '../../src/sgd/training/dataset.ts';
import { minibatchesOf } from '../../src/sgd/training/minibatch.ts';
import init from '../../stages/init.ts';
import successive from '../../stages/successive.ts';
import successiveTable from '../../stages/tables/successive-table.ts';
import train from '../../stages/train.ts';
import { BACKENDS, examplesAt } from '../sgd/support/fixtures.ts';
import { finiteDifferences, toFloat64 } from '../sgd/support/reference.ts';
import { brightPixelImages, CLASSES, CONVOLUTIONAL, contextOf, IMAGE_SHAPE, MODEL } from './context.ts';
import { contextWithoutCompute } from './context-without-compute.ts';
import { gatheredAt } from './gathered-at.ts';

const images = brightPixelImages(64);
const params: v.InferOutput<typeof successive.params> = {
  model: MODEL,
  batchSize: 16,
  learningRate: 0.2,
  dropLast: true,
  examples: null,
  steps: 3,
};

async function initialWeights(model: typeof params.model) {
  const { weights } = await init.run(contextOf({ model, inputs: IMAGE_SHAPE, classes: CLASSES }, { seed: 1 }, {}));
  return weights;
}

describe('the successive stage', () => {
  const cases = BACKENDS.flatMap((backend) =>
    [MODEL, CONVOLUTIONAL].map((model) => ({ backend, model, kind: model.kind })),
  );
  it.each(cases)('measures the steps of train: $kind, $backend', async ({ backend, model }) => {
    const weights = await initialWeights(model);
    const context = contextOf({ ...params, model }, { seed: 1, epoch: 0 }, { train: images, weights }, backend);
    const { steps } = await Promise.resolve(successive.run(context));
    const cosines = [...(steps.cosines?.data ?? [])] as number[];
    expect(cosines).toHaveLength(2);
    expect(context.reported.at(-1)).toBe(1);

    // The same steps in float64, by finite differences; those of train on the first examples of each minibatch.
    const dataset = datasetOf(images, null);
    const order = randomStream(1, 'minibatch order', { epoch: 1 }).permutation(64);
    const point = toFloat64(weights as Weights);
    const names = Object.keys(point).filter((name) => !name.includes('/moving'));
    const setup = { architecture: model, imageShape: IMAGE_SHAPE };
    const gradients = minibatchesOf(order, 16, true)
      .slice(0, 3)
      .map((indices) => {
        const { images: pixels, labels } = examplesAt(dataset, indices);
        const parts = names.map((name) => finiteDifferences(setup, point, name, pixels, labels));
        names.forEach((name, i) => {
          const { data } = point[name] as { data: Float64Array };
          for (let k = 0; k < data.length; k++)
            data[k] = (data[k] as number) - 0.2 * ((parts[i] as Float64Array)[k] as number);
        });
        return parts.flatMap((part) => [...part]);
      });
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, k) => sum + value * (b[k] as number), 0);
    gradients.slice(1).forEach((gradient, i) => {
      const before = gradients[i] as number[];
      const expected = dot(before, gradient) / Math.sqrt(dot(before, before) * dot(gradient, gradient));
      expect(cosines[i]).toBeCloseTo(expected, 4);
    });
  });

  it('takes the minibatches of the epoch after its own, the same each time, and no more than an epoch has', async () => {
    const weights = await initialWeights(MODEL);
    const { steps: _, ...training } = params;
    const trained = await train.run(contextOf(training, { seed: 1, epoch: 1 }, { train: images, weights }));
    const at = async (epoch: number, from: typeof weights) => {
      const context = contextOf({ ...params, steps: 100 }, { seed: 1, epoch }, { train: images, weights: from });
      return [...((await Promise.resolve(successive.run(context))).steps.cosines?.data ?? [])];
    };
    const [first, second] = [await at(0, weights), await at(1, trained.weights)];
    expect(first).toHaveLength(3);
    expect(second).not.toEqual(first);
    expect(await at(0, weights)).toEqual(first);
  });

  it('refuses an epoch without two minibatches', async () => {
    const weights = await initialWeights(MODEL);
    const context = contextOf({ ...params, batchSize: 40 }, { seed: 1, epoch: 0 }, { train: images, weights });
    await expect(Promise.resolve(successive.run(context))).rejects.toThrow('has 1 minibatches of 40');
  });

  it('is tabulated with the mean over pairs of steps', async () => {
    const of = (...values: number[]) => ({ cosines: { shape: [values.length], data: Float64Array.from(values) } });
    const steps = [gatheredAt('fnn', 1, 0, of(0.25, 0.75)), gatheredAt('fnn', 1, 1, of(0.5))];
    const { csv } = await successiveTable.run(contextWithoutCompute({}, { steps }));
    expect(csv).toBe(
      'architecture,seed,epoch,pairs,cosine,cosineStd\nfnn,1,0,2,0.5,0.3535533905932738\nfnn,1,1,1,0.5,\n',
    );
  });
});
