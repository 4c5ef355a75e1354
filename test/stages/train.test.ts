import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensors } from '../../src/engine/stage/index.ts';
import init from '../../stages/init.ts';
import train from '../../stages/train.ts';
import { brightPixelImages, CLASSES, contextOf, IMAGE_SHAPE, MODEL } from './context.ts';
import { digestsOfShortRun } from './short-run.ts';

const images = brightPixelImages(200);
const params: v.InferOutput<typeof train.params> = {
  model: MODEL,
  batchSize: 16,
  learningRate: 0.2,
  dropLast: true,
  examples: null,
};
let initial: Tensors;
beforeAll(async () => {
  ({ weights: initial } = await init.run(
    contextOf({ model: MODEL, inputs: IMAGE_SHAPE, classes: CLASSES }, { seed: 1 }, {}),
  ));
});

const trainFrom = (weights: Tensors, epoch: number, changed: Partial<typeof params>) => {
  const context = contextOf({ ...params, ...changed }, { seed: 1, epoch }, { train: images, weights });
  return { context, result: Promise.resolve(train.run(context)) };
};

/** The steps of the loss, and the mean of each metric. Both have the same steps. */
function metricsOf(reported: ReturnType<typeof contextOf>['metrics']) {
  const stepsOf = (name: string) => reported.filter((each) => each.name === name).map(({ step }) => step);
  expect(stepsOf('accuracy')).toEqual(stepsOf('loss'));
  const meanOf = (name: string) => {
    const values = reported.filter((each) => each.name === name).map(({ value }) => value);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return [stepsOf('loss'), { loss: meanOf('loss'), accuracy: meanOf('accuracy') }] as const;
}

describe('the train stage', () => {
  it('trains epoch by epoch, and reports each step', async () => {
    let weights = initial;
    const losses: number[] = [];
    for (let epoch = 1; epoch <= 12; epoch++) {
      const { context, result } = trainFrom(weights, epoch, {});
      const { metrics, weights: trained } = await result;
      expect(metrics).toMatchObject({ epoch, steps: 12 });
      expect(context.reported).toEqual(Array.from({ length: 12 }, (_, i) => (i + 1) / 12));
      const [steps, mean] = metricsOf(context.metrics);
      expect(steps).toEqual(Array.from({ length: 12 }, (_, i) => 12 * (epoch - 1) + i));
      expect(mean).toEqual({ loss: metrics.trainingLoss, accuracy: metrics.trainingAccuracy });
      expect(Object.keys(trained)).toEqual(Object.keys(initial));
      losses.push(metrics.trainingLoss);
      weights = trained;
      if (epoch === 12) expect(metrics.trainingAccuracy).toBeGreaterThan(0.95);
    }
    expect(losses.at(-1)).toBeLessThan(0.3 * (losses[0] as number));
  });

  it('does not change the weights that it was given', async () => {
    const before = structuredClone(initial);
    await trainFrom(initial, 1, {}).result;
    expect(initial).toEqual(before);
  });

  it('orders minibatches by epoch, and uses only as many examples as it is told', async () => {
    const [first, second, few] = await Promise.all([
      trainFrom(initial, 1, {}).result,
      trainFrom(initial, 2, {}).result,
      trainFrom(initial, 1, { examples: 40, dropLast: false }).result,
    ]);
    expect(first.weights).not.toEqual(second.weights);
    expect(few.metrics.steps).toBe(3);
    const onlyThose = {
      images: { shape: [40, ...IMAGE_SHAPE], data: images.images?.data.slice(0, 40 * 12) ?? new Uint8Array() },
      labels: { shape: [40], data: images.labels?.data.slice(0, 40) ?? new Uint8Array() },
    };
    const context = contextOf(
      { ...params, dropLast: false },
      { seed: 1, epoch: 1 },
      { train: onlyThose, weights: initial },
    );
    expect(await train.run(context)).toEqual(few);
  });

  it('explains an epoch without a whole minibatch, and weights of another model', async () => {
    await expect(trainFrom(initial, 1, { batchSize: 512 }).result).rejects.toThrow(/200 examples[\s\S]*dropLast/);
    const other = trainFrom(initial, 1, { model: { ...MODEL, hidden: [11] } }).result;
    await expect(other).rejects.toThrow(/\[12, 12\] as "hidden1\/kernel"[\s\S]*fix:/);
  });

  it('gives the same bytes again, in this process and in others', async () => {
    const here = await digestsOfShortRun();
    expect(await digestsOfShortRun()).toEqual(here);

    mkdirSync('node_modules/.cache', { recursive: true });
    const folder = mkdtempSync('node_modules/.cache/train-test-');
    try {
      const outfile = join(folder, 'short-run.mjs');
      await build({
        stdin: {
          contents: `import { digestsOfShortRun } from './test/stages/short-run.ts';
            console.log(JSON.stringify(await digestsOfShortRun()));`,
          resolveDir: process.cwd(),
        },
        outfile,
        bundle: true,
        packages: 'external',
        platform: 'node',
        format: 'esm',
      });
      expect(JSON.parse(execFileSync(process.execPath, [outfile], { encoding: 'utf8' }))).toEqual(here);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
