import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensors } from '../../src/engine/stage/index.ts';
import init from '../../stages/init.ts';
import norms from '../../stages/norms.ts';
import { brightPixelImages, CLASSES, contextOf, IMAGE_SHAPE } from './context.ts';

const model = { kind: 'fully-connected' as const, hidden: [12], batchNorm: false as const };
const train = brightPixelImages(40);
const minibatches = { fewest: 3, most: 8, examples: 60 };
let weights: Tensors;
beforeAll(async () => {
  ({ weights } = await init.run(contextOf({ model, inputs: IMAGE_SHAPE, classes: CLASSES }, { seed: 1 }, {})));
});

const take = (batchSize: number, seed = 1) => {
  const params = { model, batchSize, minibatches, examples: null };
  const context = contextOf(params, { seed, batchSize }, { weights, train });
  return { context, result: Promise.resolve(norms.run(context)) };
};
const values = async (batchSize: number, seed?: number) =>
  [...((await take(batchSize, seed).result).norms.norms?.data ?? [])] as number[];

describe('norms', () => {
  it.each([
    [1, 8],
    [10, 6],
    [13, 5],
    [40, 3],
  ])('draws minibatches of %d that hold 60 examples in all, but 3 to 8 of them: %d', async (batchSize, count) => {
    const { context, result } = take(batchSize);
    expect((await result).norms.norms?.shape).toEqual([count]);
    expect(context.reported.at(-1)).toBe(1);
  });

  it('finds all minibatches of all examples alike, and those of one example not', async () => {
    const whole = await values(40);
    // The order of summation differs.
    for (const norm of whole) expect(norm / (whole[0] ?? 0)).toBeCloseTo(1, 5);
    expect(new Set(await values(1)).size).toBeGreaterThan(4);
  });

  it('draws other minibatches for another seed', async () => {
    expect(await values(4, 2)).not.toEqual(await values(4, 1));
  });

  it('explains minibatches that are larger than the data', async () => {
    await expect(take(41).result).rejects.toThrow(
      'a minibatch of 41 different examples cannot be drawn out of 40\n  fix: leave out of the list of batch sizes those above 40',
    );
  });
});
