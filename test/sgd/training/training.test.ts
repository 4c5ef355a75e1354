import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { withModel } from '../../../src/sgd/networks/model.ts';
import { evaluate } from '../../../src/sgd/training/evaluation.ts';
import { consecutive, MinibatchGatherer, minibatchesOf } from '../../../src/sgd/training/minibatch.ts';
import { sgdStep, trainEpoch } from '../../../src/sgd/training/training.ts';
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
import {
  finiteDifferences,
  type ReferenceWeights,
  referencePass,
  type Setup,
  toFloat64,
} from '../support/reference.ts';

const indices = Uint32Array.of(3, 38, 0, 17, 21);
const learningRate = 0.3;

function closeTo(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs((actual[i] as number) - (expected[i] as number))).toBeLessThan(tolerance);
  }
}

describe.each(BACKENDS)('training on %s', (backend) => {
  let tf: TensorFlow;
  beforeAll(async () => {
    tf = await tensorFlow(backend);
  });

  describe.each(SETUP_NAMES)('%s', (name) => {
    const setup: Setup = SETUPS[name];
    const { architecture, imageShape } = setup;
    const weights = someWeights(setup);
    const dataset = someDataset(60, imageShape);

    it('takes the step w − η·∇f of the float64 gradient', async () => {
      const stepped = await withModel(tf, architecture, imageShape, weights, async (model) => {
        const gatherer = new MinibatchGatherer(tf, dataset, CLASSES, indices.length);
        gatherer.with(indices, (minibatch) => sgdStep(tf, model, minibatch, learningRate));
        return model.weights.download();
      });
      for (const [variable, { data }] of Object.entries(steppedByDifferences(name))) {
        closeTo(stepped[variable]?.data ?? [], data, 1e-6);
      }
    });

    it('moves the running statistics by the batch mean and the unbiased batch variance', async () => {
      const stepped = await withModel(tf, architecture, imageShape, weights, async (model) => {
        const gatherer = new MinibatchGatherer(tf, dataset, CLASSES, indices.length);
        gatherer.with(indices, (minibatch) => sgdStep(tf, model, minibatch, learningRate));
        return model.weights.download();
      });
      const { images, labels } = examplesAt(dataset, indices);
      const { moments } = referencePass(setup, toFloat64(weights), images, labels, 'batch');
      expect(moments.size).toBe(architecture.batchNorm ? hiddenLayers(setup) : 0);
      for (const [layer, { mean, variance, count }] of moments) {
        const blend = (name: string, batch: Float64Array) =>
          batch.map((value, k) => 0.9 * (weights[`${layer}/${name}`]?.data[k] as number) + 0.1 * value);
        closeTo(stepped[`${layer}/movingMean`]?.data ?? [], blend('movingMean', mean), 1e-6);
        const unbiased = variance.map((value) => (value * count) / (count - 1));
        closeTo(stepped[`${layer}/movingVariance`]?.data ?? [], blend('movingVariance', unbiased), 1e-6);
      }
    });

    it('evaluates with running statistics as the float64 forward pass does, however the examples are cut', async () => {
      const { images, labels } = examplesAt(dataset, consecutive(dataset.examples));
      const { loss, logits } = referencePass(setup, toFloat64(weights), images, labels, 'running');
      const correct = logits.filter((z, row) => z.indexOf(Math.max(...z)) === labels[row]).length;
      await withModel(tf, architecture, imageShape, weights, async (model) => {
        for (const batchSize of [60, 7]) {
          const before = tf.memory().numTensors;
          const gatherer = new MinibatchGatherer(tf, dataset, CLASSES, batchSize);
          const progress: number[] = [];
          const minibatches = minibatchesOf(consecutive(dataset.examples), batchSize, false);
          const found = await evaluate(tf, model, gatherer, minibatches, (fraction) => progress.push(fraction));
          expect(found.examples).toBe(60);
          expect(found.loss).toBeCloseTo(loss, 6);
          expect(found.accuracy).toBe(correct / 60);
          expect(progress).toHaveLength(minibatches.length);
          expect(progress.at(-1)).toBe(1);
          expect(tf.memory().numTensors).toBe(before);
        }
      });
    });

    it('learns to tell classes apart, and holds no more tensors after an epoch than before', async () => {
      const separable = separableDataset(96, imageShape);
      const { wide, epochs, rate, lossRatio, atLeast } = learningPlan(setup);
      await withModel(tf, wide.architecture, imageShape, someWeights(wide), async (model) => {
        const gatherer = new MinibatchGatherer(tf, separable, CLASSES, 16);
        const before = tf.memory().numTensors;
        const losses: number[] = [];
        for (let epoch = 1; epoch <= epochs; epoch++) {
          const order = randomStream(5, 'order of a test', epoch).permutation(separable.examples);
          const minibatches = minibatchesOf(order, 16, true);
          const plan = { epoch, gatherer, minibatches, learningRate: rate, progress: () => {}, report: () => {} };
          const { metrics } = await trainEpoch(tf, model, plan);
          expect(metrics.steps).toBe(6);
          expect(tf.memory().numTensors).toBe(before);
          losses.push(metrics.trainingLoss);
        }
        const evaluation = await evaluate(tf, model, gatherer, minibatchesOf(consecutive(96), 16, false), () => {});
        expect(losses.at(-1)).toBeLessThan(lossRatio * (losses[0] as number));
        expect(evaluation.accuracy).toBeGreaterThanOrEqual(atLeast);
      });
    });
  });

  it.each([
    ['in the epoch', 1e30, 4, /loss is (NaN|Infinity) at step \d of epoch 3[\s\S]*lower learningRate/],
    [
      'at its last step',
      3e38,
      1,
      /"\w+\/kernel" is not finite after the last step of epoch 3[\s\S]*lower learningRate/,
    ],
  ])('names the place and the fix when weights diverge %s', async (_, rate, steps, message) => {
    const { architecture, imageShape } = SETUPS.dfnn;
    const weights = someWeights(SETUPS.dfnn);
    const dataset = someDataset(60, imageShape);
    // Large enough that the step of 3e38 times the gradient leaves float32.
    for (const value of Object.values(weights)) value.data.set(value.data.map((w) => 6 * w));
    const before = tf.memory().numTensors;
    const trained = withModel(tf, architecture, imageShape, weights, (model) => {
      const gatherer = new MinibatchGatherer(tf, dataset, CLASSES, 8);
      const minibatches = minibatchesOf(consecutive(steps * 8), 8, true);
      return trainEpoch(tf, model, {
        epoch: 3,
        gatherer,
        minibatches,
        learningRate: rate,
        progress: () => {},
        report: () => {},
      });
    });
    await expect(trained).rejects.toMatchObject({ kind: 'stage' });
    await expect(trained).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});

const stepsByDifferences = new Map<string, ReferenceWeights>();

/** The trainable variables after one step along the float64 gradient; the same for all backends. */
function steppedByDifferences(name: keyof typeof SETUPS): ReferenceWeights {
  const known = stepsByDifferences.get(name);
  if (known) return known;
  const setup = SETUPS[name];
  const weights = toFloat64(someWeights(setup));
  const { images, labels } = examplesAt(someDataset(60, setup.imageShape), indices);
  const trainable = Object.entries(weights).filter(([variable]) => !variable.includes('/moving'));
  const stepped = Object.fromEntries(
    trainable.map(([variable, { shape, data }]) => {
      const gradient = finiteDifferences(setup, weights, variable, images, labels);
      return [variable, { shape, data: data.map((value, i) => value - learningRate * (gradient[i] as number)) }];
    }),
  );
  stepsByDifferences.set(name, stepped);
  return stepped;
}

function hiddenLayers({ architecture }: Setup): number {
  return architecture.kind === 'fully-connected'
    ? architecture.hidden.length
    : 1 + architecture.filters.length * architecture.convolutionsPerGroup;
}

/** Networks wide enough that no class loses all its units to ReLUs that are dead from the start. */
function learningPlan({ architecture, imageShape }: Setup) {
  if (architecture.kind === 'fully-connected') {
    const hidden = architecture.hidden.map((units) => 4 * units);
    const wide: Setup = { architecture: { ...architecture, hidden }, imageShape };
    return { wide, epochs: 20, rate: 0.2, lossRatio: 0.25, atLeast: 1 };
  }
  const wide: Setup = { architecture: { ...architecture, stem: 6, filters: [6] }, imageShape };
  // A dark image, which one class in four is, has no logits of its own without biases.
  return { wide, epochs: 8, rate: 0.1, lossRatio: 0.5, atLeast: 0.75 };
}

/** Images of one channel have one bright pixel for each class, others have bright channels, under noise. */
function separableDataset(examples: number, imageShape: readonly number[]) {
  const stream = randomStream(2, 'separable images of a test');
  const labels = Uint8Array.from({ length: examples }, (_, i) => i % CLASSES);
  const size = imageShape.reduce((product, extent) => product * extent, 1);
  const channels = imageShape.at(-1) ?? 1;
  const pixels = Uint8Array.from({ length: examples * size }, (_, i) => {
    const label = labels[Math.floor(i / size)] as number;
    const bright = channels === 1 ? i % size === label : ((label >> (i % channels)) & 1) === 1;
    return bright ? 200 + stream.integer(56) : stream.integer(60);
  });
  return { examples, imageShape, pixels, labels };
}
