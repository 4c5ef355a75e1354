// One process of bench/compute.mjs, which bundles it. It prepares what the task in its argument says and prints "ready"; then
// for each line of its standard input, the name of a phase, it measures that phase for a moment and prints a line of JSON.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { randomStream } from '../src/engine/stage/index.ts';
import { withGradient } from '../src/sgd/gradients/gradient.ts';
import type { Architecture } from '../src/sgd/networks/architecture.ts';
import { withModel } from '../src/sgd/networks/model.ts';
import { type Signature, trainableDimension, variablesOf } from '../src/sgd/networks/variables.ts';
import { initialWeights } from '../src/sgd/networks/weights.ts';
import type { Dataset } from '../src/sgd/training/dataset.ts';
import { MinibatchGatherer } from '../src/sgd/training/minibatch.ts';
import { trainEpoch } from '../src/sgd/training/training.ts';
import { resolveCompute } from '../src/tensors/backends/available.ts';
import type { TensorFlow } from '../src/tensors/backends/identity.ts';
import { loadTensorFlow } from '../src/tensors/backends/load.ts';
import type { OnednnBackend } from '../src/tensors/backends/onednn/backend.ts';
import { sampleByFactors } from '../stages/support/factored-sampling.ts';
import { gradientSums } from '../stages/support/gradient-sums.ts';

interface Task {
  readonly backend: string;
  readonly threads: number;
  /** How long a phase is to be measured for each time. */
  readonly seconds: number;
  /** Absent to measure matrix products instead. */
  readonly model?: Model;
}

interface Model {
  readonly architecture: Architecture;
  readonly signature: Signature;
  readonly examples: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** A file with its images. Without it, random ones, with as many black pixels as MNIST's have where they are grey. */
  readonly images?: string;
}

/** Bytes before the images in a file of the IDX format. */
const IDX_HEADER = 16;

/** n_s of the paper. */
const SAMPLES = 3000;

/** Takes a number of steps, and calls `progress` after each. */
type Run = (count: number, progress: () => void) => Promise<void>;

/** The processor time of all threads of this process, with the garbage collector's. */
interface Measurement {
  readonly ms: number;
  readonly cpuMs: number;
}

const task = JSON.parse(process.argv[2] ?? '') as Task;
const resolved = resolveCompute({ backend: task.backend, threads: task.threads }, process.cwd());
if (resolved.kind === 'refused') {
  console.error(resolved.problems.map(({ fact }) => fact).join('\n'));
  process.exit(3);
}
const tf = await loadTensorFlow(resolved.identity);
if (task.model) await measureModel(tf, task.model);
else await serve({ peak: async () => ({ gflops: peakGflops(tf) }) });
process.exit();

async function measureModel(tf: TensorFlow, model: Model): Promise<void> {
  const { architecture, signature, batchSize, learningRate } = model;
  const { imageShape, classes } = signature;
  const variables = variablesOf(architecture, signature);
  const weights = initialWeights(variables, (variable) => randomStream(1, 'initial weights', { variable }));
  await withModel(tf, architecture, imageShape, weights, async (onDevice) => {
    const dataset = datasetOf(model);
    const gatherer = new MinibatchGatherer(tf, dataset, classes, batchSize);
    const draws = randomStream(1, 'minibatches');
    const draw = (count: number) =>
      Array.from({ length: count }, () => draws.permutation(dataset.examples).subarray(0, batchSize));
    const someMinibatches = draw(32);
    const minibatches = (count: number) =>
      Array.from({ length: count }, (_, i) => someMinibatches[i % someMinibatches.length] as Uint32Array);

    const train: Run = async (count, progress) => {
      const plan = { epoch: 1, gatherer, minibatches: minibatches(count), learningRate, progress, report: () => {} };
      await trainEpoch(tf, onDevice, plan);
    };
    const dimension = trainableDimension(variables);
    const sums = gradientSums(tf, dimension);
    const sample: Run = async (count, progress) => {
      for (const indices of minibatches(count)) {
        await withGradient(tf, onDevice, gatherer, indices, 'a minibatch', (gradient) => sums.add(gradient));
        progress();
      }
    };
    const factored = async () => {
      const common = {
        tf,
        model: onDevice,
        dataset,
        jackknifeSamples: 0,
        epoch: 0,
        progress: () => {},
        report: () => {},
      };
      // Drawn before the clock runs. Once before: a worker of a run takes many samples, and reuses its memory.
      const minibatches = Array.from({ length: SAMPLES }, () => draws.subset(dataset.examples, batchSize));
      await sampleByFactors({ ...common, minibatches });
      const begin = performance.now();
      await sampleByFactors({ ...common, minibatches });
      return { seconds: (performance.now() - begin) / 1000 };
    };
    await serve({ train: await measurementOf(train), sample: await measurementOf(sample), factored });
  });
}

/** As large as the real one: gathering a minibatch from one that fits a cache would cost less. */
function datasetOf({ signature, examples, images }: Model): Dataset {
  const labels = Uint8Array.from({ length: examples }, (_, i) => i % signature.classes);
  const { imageShape } = signature;
  if (images === undefined) {
    const pixels = randomPixels(examples, imageShape);
    if (imageShape[2] === 1) blackenAsMnist(pixels, imageShape);
    return { examples, imageShape, pixels, labels };
  }
  return { examples, imageShape, pixels: new Uint8Array(readFileSync(images).subarray(IDX_HEADER)), labels };
}

function randomPixels(examples: number, imageShape: readonly number[]): Uint8Array {
  const size = imageShape.reduce((product, extent) => product * extent, examples);
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    // xorshift32 (Marsaglia 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, size);
}

/** Digits lie in the middle 20 × 20 pixels of MNIST's images, and 19 % of all pixels are not 0. */
function blackenAsMnist(pixels: Uint8Array, [height = 0, width = 0]: readonly number[]): void {
  const margin = 4;
  const mostLit = (256 * 0.19 * height * width) / ((height - 2 * margin) * (width - 2 * margin));
  const inMiddle = (at: number, extent: number) => at >= margin && at < extent - margin;
  for (let i = 0; i < pixels.length; i++) {
    const lit = inMiddle(i % width, width) && inMiddle(Math.floor(i / width) % height, height);
    if (!lit || (pixels[i] as number) > mostLit) pixels[i] = 0;
  }
}

/** Warms up, and finds out how many steps to take at a time. */
async function measurementOf(run: Run): Promise<() => Promise<Measurement>> {
  let estimate = Number.POSITIVE_INFINITY;
  // An engine that takes seconds for a step compiles and tunes nothing that more steps would show.
  for (let steps = 2; steps <= 32 && steps < 1000 / estimate + 3; steps *= 2) {
    estimate = (await averageOver(run, steps)).ms;
  }
  return () => averageOver(run, Math.max(2, Math.ceil((1000 * task.seconds) / estimate) + 1));
}

/** The time of one step: the first of `count` is not counted, nor what comes after the last. */
async function averageOver(run: Run, count: number): Promise<Measurement> {
  const times: { readonly ms: number; readonly cpuMs: number }[] = [];
  await run(count, () => {
    const { user, system } = process.cpuUsage();
    times.push({ ms: performance.now(), cpuMs: (user + system) / 1000 });
  });
  const [first, last] = [times[0], times.at(-1)] as [Measurement, Measurement];
  return { ms: (last.ms - first.ms) / (count - 1), cpuMs: (last.cpuMs - first.cpuMs) / (count - 1) };
}

/** The fastest of many products of large matrices by the addon. */
function peakGflops(tf: TensorFlow): number {
  const { binding } = tf.backend() as OnednnBackend;
  const n = 2048;
  const [a, b, c] = [binding.allocate(n * n), binding.allocate(n * n), binding.allocate(n * n)];
  a.fill(0.5);
  b.fill(0.25);
  const begin = performance.now();
  let best = Number.POSITIVE_INFINITY;
  do {
    const started = performance.now();
    binding.gemm(false, false, n, n, n, 1, a, b, 0, c);
    best = Math.min(best, performance.now() - started);
  } while (performance.now() - begin < 1000 * task.seconds);
  return (2 * n ** 3) / best / 1e6;
}

async function serve(phases: Readonly<Record<string, () => Promise<object>>>): Promise<void> {
  console.log('ready');
  for await (const phase of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await phases[phase]?.()));
  }
}
