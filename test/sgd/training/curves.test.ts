import { expect, it } from 'vitest';
import type { Architecture } from '../../../src/sgd/networks/architecture.ts';
import { withModel } from '../../../src/sgd/networks/model.ts';
import { evaluate } from '../../../src/sgd/training/evaluation.ts';
import { consecutive, MinibatchGatherer, minibatchesOf } from '../../../src/sgd/training/minibatch.ts';
import { sgdStep } from '../../../src/sgd/training/training.ts';
import { BACKENDS, CLASSES, someDataset, someWeights, tensorFlow } from '../support/fixtures.ts';

const batchNorm = { epsilon: 1e-5, momentum: 0.9 };
const imageShape = [32, 32, 3];
const BATCH = 8;
const STEPS = 6;

/** The network of the paper at its full width and depth; only the minibatches are smaller. */
const cnn = (residual: boolean, withBatchNorm: boolean): Architecture => ({
  kind: 'convolutional',
  stem: 16,
  filters: [16, 32, 64],
  convolutionsPerGroup: 4,
  kernelSize: 3,
  residual,
  batchNorm: withBatchNorm && batchNorm,
});

/** The loss of each step, and the loss by the running statistics after the last. */
async function curve(backend: string, architecture: Architecture): Promise<readonly number[]> {
  const tf = await tensorFlow(backend);
  const dataset = someDataset(BATCH * STEPS, imageShape);
  const minibatches = minibatchesOf(consecutive(dataset.examples), BATCH, true);
  return withModel(tf, architecture, imageShape, someWeights({ architecture, imageShape }), async (model) => {
    const gatherer = new MinibatchGatherer(tf, dataset, CLASSES, BATCH);
    const losses = minibatches.map((indices) =>
      gatherer.with(indices, (minibatch) => sgdStep(tf, model, minibatch, 0.01).loss),
    );
    const { loss } = await evaluate(tf, model, gatherer, minibatches, () => {});
    return [...losses, loss];
  });
}

// An input of a ReLU that is within rounding of 0 falls to one side here and to the other there. One such among the 1e5 of a layer
// changes the gradient by 1/√1e5, and batch normalisation spreads it: from then on the curves part slowly.
it.skipIf(!BACKENDS.includes('onednn')).each([
  ['cnn+bn', cnn(false, true), 5e-3],
  ['cnn+res', cnn(true, false), 1e-4],
])('%s has the loss curve on onednn that it has on wasm', { timeout: 120_000 }, async (_, architecture, tolerance) => {
  const native = await curve('onednn', architecture);
  const portable = await curve('wasm', architecture);
  expect(new Set(portable).size).toBe(STEPS + 1);
  portable.forEach((loss, step) => {
    expect(Math.abs((native[step] as number) / loss - 1), `step ${step + 1}`).toBeLessThan(tolerance);
  });
});
