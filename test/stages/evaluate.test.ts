import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensors } from '../../src/engine/stage/index.ts';
import evaluate from '../../stages/evaluate.ts';
import init from '../../stages/init.ts';
import { brightPixelImages, CLASSES, contextOf, IMAGE_SHAPE, MODEL } from './context.ts';

const data = brightPixelImages(90);
let weights: Tensors;
beforeAll(async () => {
  ({ weights } = await init.run(contextOf({ model: MODEL, inputs: IMAGE_SHAPE, classes: CLASSES }, { seed: 1 }, {})));
});

const evaluateWith = async (changed: { batchSize?: number; examples?: number | null }, backend?: string) => {
  const params = { model: MODEL, batchSize: 32, examples: null, ...changed };
  const context = contextOf(params, { seed: 1, epoch: 0 }, { weights, data }, backend);
  const { metrics } = await evaluate.run(context);
  return { metrics, reported: context.reported };
};

describe('the evaluate stage', () => {
  it('covers all examples, the last short minibatch included', async () => {
    const { metrics, reported } = await evaluateWith({});
    expect(metrics.examples).toBe(90);
    expect(reported).toEqual([1 / 3, 2 / 3, 1]);
    const correct = metrics.accuracy * 90;
    expect(correct).toBeCloseTo(Math.round(correct), 9);
  });

  it('gives the same on another backend and with another batch size, except for rounding', async () => {
    const [{ metrics: wasm }, { metrics: cpu }] = [await evaluateWith({}), await evaluateWith({ batchSize: 7 }, 'cpu')];
    expect(cpu.loss).toBeCloseTo(wasm.loss, 6);
    expect(cpu.accuracy).toBeCloseTo(wasm.accuracy, 9);
  });

  it('of the first examples is the mean over those', async () => {
    const [{ metrics: all }, { metrics: first }] = [await evaluateWith({}), await evaluateWith({ examples: 60 })];
    const rest = {
      images: { shape: [30, ...IMAGE_SHAPE], data: data.images?.data.slice(60 * 12) ?? new Uint8Array() },
      labels: { shape: [30], data: data.labels?.data.slice(60) ?? new Uint8Array() },
    };
    const params = { model: MODEL, batchSize: 32, examples: null };
    const { metrics: last } = await evaluate.run(contextOf(params, { seed: 1 }, { weights, data: rest }));
    expect(first.examples).toBe(60);
    expect((first.loss * 60 + last.loss * 30) / 90).toBeCloseTo(all.loss, 6);
    expect((first.accuracy * 60 + last.accuracy * 30) / 90).toBeCloseTo(all.accuracy, 9);
  });
});
