import type * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import begin from '../../../stages/adaptive-batch/begin.ts';
import trainAdaptive from '../../../stages/adaptive-batch/train-adaptive.ts';
import init from '../../../stages/init.ts';
import train from '../../../stages/train.ts';
import { brightPixelImages, CLASSES, CONVOLUTIONAL, contextOf, IMAGE_SHAPE, MODEL } from '../context.ts';

const images = brightPixelImages(128);
const params: v.InferOutput<typeof trainAdaptive.params> = {
  model: MODEL,
  rule: { kind: 'fixed', batchSize: 16 },
  referenceBatchSize: 16,
  learningRate: 0.1,
  examples: null,
  window: 4,
  largestBatchSize: 64,
};

async function start(changed: Partial<typeof params>) {
  const all = { ...params, ...changed };
  const coordinates = { architecture: 'any', seed: 1 };
  const { weights } = await init.run(
    contextOf({ model: all.model, inputs: IMAGE_SHAPE, classes: CLASSES }, coordinates, {}),
  );
  const { state } = await begin.run(contextOf({ rule: all.rule }, coordinates, {}));
  const epoch = (number: number, from: typeof weights, at: typeof state) =>
    Promise.resolve(
      trainAdaptive.run(contextOf(all, { seed: 1, epoch: number }, { train: images, weights: from, state: at })),
    );
  return { weights, state, epoch };
}

describe('the train-adaptive stage', () => {
  it.each([MODEL, CONVOLUTIONAL])('takes the steps of train where the size is fixed: $kind', async (model) => {
    const { weights, state, epoch } = await start({ model });
    const adaptive = await epoch(1, weights, state);
    const plain = await train.run(
      contextOf(
        { model, batchSize: 16, learningRate: 0.1, dropLast: true, examples: null },
        { seed: 1, epoch: 1 },
        { train: images, weights },
      ),
    );
    expect(adaptive.weights).toEqual(plain.weights);
    expect(adaptive.metrics).toMatchObject({ epoch: 1, steps: 8, examples: 128, batchSize: 16 });
    expect(adaptive.metrics.trainingLoss).toBeCloseTo(plain.metrics.trainingLoss, 12);
    expect(adaptive.state).toEqual({ batchSize: 16, steps: 8, examples: 128 });
  });

  it('grows the minibatches, and the learning rate with them, at the same number of examples', async () => {
    const growing = { kind: 'concentration' as const, batchSize: 16, factor: 1e6 };
    const { weights, state, epoch } = await start({ rule: growing });
    const first = await epoch(1, weights, state);
    const second = await epoch(2, first.weights, first.state);
    const third = await epoch(3, second.weights, second.state);
    const seen = [first, second, third].map(({ metrics: { batchSize, steps, examples } }) => [
      batchSize,
      steps,
      examples,
    ]);
    expect(seen).toEqual([
      [16, 8, 128],
      [32, 12, 256],
      [64, 14, 384],
    ]);
    expect(third.state.batchSize).toBe(64);
    const doubled = await train.run(
      contextOf(
        { model: MODEL, batchSize: 32, learningRate: 0.2, dropLast: true, examples: null },
        { seed: 1, epoch: 2 },
        { train: images, weights: first.weights },
      ),
    );
    expect(second.weights).toEqual(doubled.weights);
  });
});
