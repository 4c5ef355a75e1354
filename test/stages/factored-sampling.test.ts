import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../src/engine/base/random.ts';
import type { Architecture } from '../../src/sgd/networks/architecture.ts';
import { withModel } from '../../src/sgd/networks/model.ts';
import { trainableDimension, variablesOf } from '../../src/sgd/networks/variables.ts';
import { initialWeights, type Weights } from '../../src/sgd/networks/weights.ts';
import type { GroupSamples } from '../../src/sgd/statistics/group-statistics.ts';
import { uniformDirection } from '../../src/sgd/statistics/sampler.ts';
import { directionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { type Dataset, datasetOf } from '../../src/sgd/training/dataset.ts';
import { consecutive, MinibatchGatherer, minibatchesOf } from '../../src/sgd/training/minibatch.ts';
import { trainEpoch } from '../../src/sgd/training/training.ts';
import type { Tensor2D, TensorFlow } from '../../src/tensors/tensorflow.ts';
import { projectByFactors } from '../../stages/support/factored-projections.ts';
import { sampleByFactors } from '../../stages/support/factored-sampling.ts';
import { projectByLoop } from '../../stages/support/loop-projections.ts';
import { sampleByLoop } from '../../stages/support/loop-sampling.ts';
import type { GradientSample } from '../../stages/support/sampling.ts';
import { BACKENDS, tensorFlow } from '../sgd/support/fixtures.ts';
import { brightPixelImages, CLASSES, IMAGE_SHAPE } from './context.ts';

const EXAMPLES = 2200; // more than two groups
const train = brightPixelImages(EXAMPLES);

interface Case {
  readonly name: string;
  readonly hidden: readonly number[];
  /** Large ones take the direct product, small ones the Gram matrices. */
  readonly batchSize: number;
  readonly epochs: number;
}

const CASES: readonly Case[] = [
  { name: 'no hidden layer', hidden: [], batchSize: 2, epochs: 0 },
  { name: 'one hidden layer at the initial point', hidden: [30], batchSize: 8, epochs: 0 },
  { name: 'three hidden layers at the initial point', hidden: [40, 30, 35], batchSize: 16, epochs: 0 },
  { name: 'one hidden layer, trained', hidden: [30], batchSize: 8, epochs: 1 },
  { name: 'three hidden layers, trained', hidden: [40, 30, 35], batchSize: 16, epochs: 1 },
  { name: 'minibatches of one example', hidden: [30], batchSize: 1, epochs: 0 },
];

function architectureOf(hidden: readonly number[]): Architecture {
  return { kind: 'fully-connected', hidden: [...hidden], batchNorm: false };
}

async function trained(tf: TensorFlow, dataset: Dataset, { hidden, epochs }: Case): Promise<Weights> {
  const architecture = architectureOf(hidden);
  const variables = variablesOf(architecture, { imageShape: IMAGE_SHAPE, classes: CLASSES });
  const initial = initialWeights(variables, (name) => randomStream(5, 'weights of a test', name));
  return withModel(tf, architecture, IMAGE_SHAPE, initial, async (model) => {
    const gatherer = new MinibatchGatherer(tf, dataset, CLASSES, 64);
    const minibatches = minibatchesOf(consecutive(EXAMPLES), 64, true);
    let weights: Weights = initial;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      ({ weights } = await trainEpoch(tf, model, {
        epoch,
        gatherer,
        minibatches,
        learningRate: 0.3,
        progress: () => {},
        report: () => {},
      }));
    }
    return weights;
  });
}

function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(b, (value, i) => Math.abs((a[i] as number) - value) / Math.abs(value)));
}

/** Products pass through 0: their errors are compared with how large they usually are. */
function expectSimilarProducts(found: Float64Array, expected: Float64Array): void {
  const errors = found.map((value, i) => value - (expected[i] as number));
  expect(Math.max(...errors.map(Math.abs)) / rootMeanSquare(expected)).toBeLessThan(1e-5);
}

const rootMeanSquare = (values: Float64Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

describe.each(BACKENDS)('factored sampling on %s', (backend) => {
  let tf: TensorFlow;
  const dataset = datasetOf(train, null);
  beforeAll(async () => {
    tf = await tensorFlow(backend);
  });

  it.each(CASES)('gives the numbers of the loop: $name', async (setup) => {
    const weights = await trained(tf, dataset, setup);
    const draws = randomStream(9, 'minibatches of a test');
    const count = 150;
    const minibatches = Array.from({ length: count }, () => draws.subset(EXAMPLES, setup.batchSize));
    await withModel(tf, architectureOf(setup.hidden), IMAGE_SHAPE, weights, async (model) => {
      const dimension = trainableDimension(model.variables);
      const progress: number[] = [];
      const sampling = {
        ...{ tf, model, dataset, minibatches, jackknifeSamples: 100, epoch: 1 },
        progress: (fraction: number) => void progress.push(fraction),
        report: () => {},
      };
      const loop = await sampleByLoop(sampling);
      progress.length = 0;
      const tensors = tf.memory().numTensors;
      const factored = await sampleByFactors(sampling);
      expect(tf.memory().numTensors).toBe(tensors);

      expect(relativeDifference(factored.norms, loop.norms)).toBeLessThan(1e-5);
      expect(relativeDifference([factored.resultant], [loop.resultant])).toBeLessThan(1e-6);
      expect(relativeDifference([factored.meanGradientNorm], [loop.meanGradientNorm])).toBeLessThan(1e-6);
      expect(factored.jackknifeProducts).toHaveLength(100);
      expectSimilarProducts(factored.jackknifeProducts, loop.jackknifeProducts);
      const statistics = (sample: GradientSample) => directionalStatistics({ dimension, ...sample });
      const [ours, theirs] = [statistics(factored), statistics(loop)];
      for (const name of ['kappa', 'kappaStandardError', 'snr', 'normSnr'] as const) {
        expect(relativeDifference([ours[name] as number], [theirs[name] as number])).toBeLessThan(1e-5);
      }
      expectSimilarProducts(factored.consecutiveCosines, loop.consecutiveCosines);
      expect(factored.groups.map(({ name }) => name)).toEqual(loop.groups.map(({ name }) => name));
      loop.groups.forEach((expected, i) => {
        const found = factored.groups[i] as GroupSamples;
        expect(found).toMatchObject({ dimension: expected.dimension, directions: expected.directions });
        expect(relativeDifference([found.resultant], [expected.resultant])).toBeLessThan(1e-5);
        // The loop has norms of the jackknife's minibatches alone, the factored method of all.
        const part = found.norms.subarray(0, expected.norms.length);
        expect(relativeDifference(part, expected.norms)).toBeLessThan(1e-5);
        expect(found.norms).toHaveLength(count);
      });
      const squares = (norms: readonly number[]) => norms.reduce((total, norm) => total + norm * norm, 0);
      const ofGroups = factored.groups.map(({ meanGradientNorm }) => meanGradientNorm);
      expect(Math.sqrt(squares(ofGroups)) / factored.meanGradientNorm).toBeCloseTo(1, 12);
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      expect(progress.at(-1)).toBe(1);

      const direction = Float32Array.from(uniformDirection(dimension, randomStream(9, 'direction of a test')));
      const projecting = { ...sampling, direction };
      progress.length = 0;
      expectSimilarProducts(await projectByFactors(projecting), await projectByLoop(projecting));
      expect(tf.memory().numTensors).toBe(tensors);
      expect(progress.filter((fraction) => fraction === 1)).toHaveLength(2);
    });
  });

  it('opens the ReLUs that the loop opens, where their inputs are within rounding of 0', async ({ skip }) => {
    const examples = 300;
    // So wide that on some instruction sets oneDNN adds up the products of hundreds of rows in other parts than those of a minibatch.
    const [side, units] = [28, 500];
    const half = (side * side) / 2;
    const draws = randomStream(4, 'symmetric images of a test');
    const pixels = new Uint8Array(examples * side * side);
    for (let example = 0; example < examples; example++) {
      // The lower half is the upper one again, and most of it is empty in all images.
      for (let i = 150; i < half; i++) {
        const byte = draws.uniform() < 0.4 ? 0 : Math.floor(256 * draws.uniform());
        pixels[example * 2 * half + i] = byte;
        pixels[(example * 2 + 1) * half + i] = byte;
      }
    }
    const labels = Uint8Array.from({ length: examples }, (_, i) => i % CLASSES);
    const symmetric: Dataset = { examples, imageShape: [side, side, 1], pixels, labels };
    const kernel = new Float32Array(2 * half * units);
    for (let i = 0; i < half * units; i++) {
      kernel[i] = draws.uniform() - 0.5;
      kernel[half * units + i] = -(kernel[i] as number);
    }
    const weights: Weights = {
      // So that the halves cancel.
      'hidden1/kernel': { shape: [2 * half, units], data: kernel },
      'logits/kernel': {
        shape: [units, CLASSES],
        data: Float32Array.from({ length: units * CLASSES }, () => draws.uniform() - 0.5),
      },
    };
    const minibatches = Array.from({ length: 5 }, () => draws.subset(examples, 64));
    const sums = sumsOfRows(tf, pixels.subarray(0, 64 * 2 * half), kernel, units);
    skip(sums.hangOnPosition, 'the backend sums a row of a product by where it stands among the others');
    skip(sums.vanish, 'the backend sums the two halves in an order in which they cancel exactly');
    await withModel(tf, architectureOf([units]), symmetric.imageShape, weights, async (model) => {
      const sampling = {
        ...{ tf, model, dataset: symmetric, minibatches, jackknifeSamples: 0, epoch: 1 },
        progress: () => {},
        report: () => {},
      };
      const loop = await sampleByLoop(sampling);
      expect(relativeDifference((await sampleByFactors(sampling)).norms, loop.norms)).toBeLessThan(1e-5);
    });
  });

  it('gives the norms of float64 at a point that fits well, where the loop has lost digits', async () => {
    const setup = { name: 'well trained', hidden: [30], batchSize: 8, epochs: 12 };
    const weights = await trained(tf, dataset, setup);
    const draws = randomStream(9, 'minibatches of a test');
    const minibatches = Array.from({ length: 20 }, () => draws.subset(EXAMPLES, setup.batchSize));
    const { norms } = await withModel(tf, architectureOf(setup.hidden), IMAGE_SHAPE, weights, (model) => {
      return sampleByFactors({
        ...{ tf, model, dataset, minibatches, jackknifeSamples: 0, epoch: 1 },
        progress: () => {},
        report: () => {},
      });
    });
    const expected = minibatches.map((minibatch) => norm64(weights, dataset, minibatch));
    expect(Math.min(...expected)).toBeLessThan(1e-2);
    expect(relativeDifference(norms, expected)).toBeLessThan(1e-5);
  });

  it('has norms whose squares are too small for float32', async () => {
    const variables = variablesOf(architectureOf([6]), { imageShape: IMAGE_SHAPE, classes: CLASSES });
    const initial = initialWeights(variables, (name) => randomStream(5, 'weights of a test', name));
    const confident = Uint8Array.from({ length: EXAMPLES }, () => 2);
    const easy = { ...dataset, labels: confident };
    // The logits of class 2 are far above the others.
    const kernel = initial['logits/kernel']?.data.map((_, i) => (i % CLASSES === 2 ? 30 : -30)) ?? new Float32Array();
    const positive = initial['hidden1/kernel']?.data.map(Math.abs) ?? new Float32Array();
    const weights: Weights = {
      'hidden1/kernel': { shape: [12, 6], data: positive },
      'logits/kernel': { shape: [6, CLASSES], data: kernel.map((value) => value / 3) },
    };
    const minibatches = [Uint32Array.of(1, 5), Uint32Array.of(9, 4)];
    const { norms } = await withModel(tf, architectureOf([6]), IMAGE_SHAPE, weights, (model) => {
      return sampleByFactors({
        ...{ tf, model, dataset: easy, minibatches, jackknifeSamples: 0, epoch: 1 },
        progress: () => {},
        report: () => {},
      });
    });
    const expected = minibatches.map((minibatch) => norm64(weights, easy, minibatch));
    expect(Math.max(...expected)).toBeLessThan(1e-16);
    expect(relativeDifference(norms, expected)).toBeLessThan(1e-4);
  });
});

/** Whether the product of a matrix of bytes has other bits where its rows stand in another order, and whether rows of it are zero. */
function sumsOfRows(tf: TensorFlow, bytes: Uint8Array, kernel: Float32Array, columns: number) {
  const width = kernel.length / columns;
  const rows = bytes.length / width;
  const values = Float32Array.from(bytes, (byte) => byte / 255);
  return tf.tidy(() => {
    const matrix = tf.tensor2d(values, [rows, width]);
    const product = (x: Tensor2D) => tf.matMul(x, tf.tensor2d(kernel, [width, columns]));
    const backwards = tf.reverse(product(tf.reverse(matrix, 0)), 0).dataSync();
    const forwards = product(matrix).dataSync();
    return {
      hangOnPosition: forwards.some((value, i) => value !== backwards[i]),
      vanish: forwards.every((value) => value === 0),
    };
  });
}

/** ‖∇f_I‖ of a network with one hidden layer, in float64 throughout. */
function norm64(weights: Weights, { pixels, labels }: Dataset, minibatch: Uint32Array): number {
  const hidden = weights['hidden1/kernel'];
  const logits = weights['logits/kernel'];
  const [inputs = 0, units = 0] = hidden?.shape ?? [];
  const first = (i: number, h: number) => hidden?.data[i * units + h] as number;
  const second = (h: number, c: number) => logits?.data[h * CLASSES + c] as number;
  const gradients = { hidden: new Float64Array(inputs * units), logits: new Float64Array(units * CLASSES) };
  for (const example of minibatch) {
    const x = Array.from(pixels.subarray(example * inputs, (example + 1) * inputs), (byte) => byte / 255);
    const a = Array.from({ length: units }, (_, h) =>
      Math.max(
        0,
        x.reduce((sum, value, i) => sum + value * first(i, h), 0),
      ),
    );
    const z = Array.from({ length: CLASSES }, (_, c) => a.reduce((sum, value, h) => sum + value * second(h, c), 0));
    const exponentials = z.map((value) => Math.exp(value - Math.max(...z)));
    const normaliser = exponentials.reduce((sum, value) => sum + value, 0);
    const label = labels[example] as number;
    const others = exponentials.reduce((sum, value, c) => sum + (c === label ? 0 : value), 0) / normaliser;
    const delta = exponentials.map((value, c) => (c === label ? -others : value / normaliser) / minibatch.length);
    a.forEach((value, h) => {
      delta.forEach((d, c) => {
        gradients.logits[h * CLASSES + c] = (gradients.logits[h * CLASSES + c] as number) + value * d;
      });
      if (value === 0) return;
      const back = delta.reduce((sum, d, c) => sum + d * second(h, c), 0);
      x.forEach((pixel, i) => {
        gradients.hidden[i * units + h] = (gradients.hidden[i * units + h] as number) + pixel * back;
      });
    });
  }
  return Math.hypot(...gradients.hidden, ...gradients.logits);
}
