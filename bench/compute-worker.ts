// One process of bench/compute.mjs, which bundles it: measures what the task in its argument says, phase by phase. Before
// each phase it prints "ready" and waits for a line of its standard input, so that several of them measure at the same time;
// then it prints a line of JSON.
import { createInterface } from 'node:readline';
import { resolveCompute } from '../src/compute/available.ts';
import type { TensorFlow } from '../src/compute/identity.ts';
import { loadTensorFlow } from '../src/compute/load.ts';
import type { OnednnBackend } from '../src/compute/onednn/backend.ts';
import { Failure, randomStream } from '../src/contract/index.ts';
import type { Architecture } from '../src/models/architecture.ts';
import type { Dataset } from '../src/models/dataset.ts';
import { withGradient } from '../src/models/gradient.ts';
import { MinibatchGatherer } from '../src/models/minibatch.ts';
import { withModel } from '../src/models/model.ts';
import { trainEpoch } from '../src/models/training.ts';
import { type Signature, trainableDimension, variablesOf } from '../src/models/variables.ts';
import { initialWeights } from '../src/models/weights.ts';
import { uniformDirection } from '../src/vmf/sampler.ts';
import { gradientSums } from '../stages/support/gradient-sums.ts';
import { trainingOperations } from './floating-point-operations.ts';

interface Task {
  readonly backend: string;
  readonly threads: number;
  /** How long each phase is to be measured for. */
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
}

const BLOCKS = 15;
const FEWEST_STEPS = 5;

const task = JSON.parse(process.argv[2] ?? '') as Task;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const resolved = resolveCompute({ backend: task.backend, threads: task.threads }, process.cwd());
if (resolved instanceof Failure) {
  console.error(resolved.message);
  process.exit(3);
}
const tf = await loadTensorFlow(resolved.identity);
if (task.model) await measureModel(tf, task.model);
else await measurePeak(tf);
process.exit();

async function measureModel(tf: TensorFlow, model: Model): Promise<void> {
  const { architecture, signature, batchSize, learningRate } = model;
  const { imageShape, classes } = signature;
  const variables = variablesOf(architecture, signature);
  const weights = initialWeights(variables, (variable) => randomStream(1, 'initial weights', { variable }));
  await withModel(tf, architecture, imageShape, weights, async (onDevice) => {
    const dataset = randomDataset(model);
    const gatherer = new MinibatchGatherer(tf, dataset, classes, batchSize);
    const draws = randomStream(1, 'minibatches');
    const draw = (count: number) =>
      Array.from({ length: count }, () => draws.permutation(dataset.examples).subarray(0, batchSize));
    const someMinibatches = draw(32);
    const minibatches = (count: number) =>
      Array.from({ length: count }, (_, i) => someMinibatches[i % someMinibatches.length] as Uint32Array);

    const steps = await measure(async (count, progress) => {
      const plan = { epoch: 1, gatherer, minibatches: minibatches(count), learningRate, progress };
      await trainEpoch(tf, onDevice, plan);
    });
    report({ stepMs: steps, operations: trainingOperations(architecture, signature, batchSize) });

    const dimension = trainableDimension(variables);
    const direction = Float32Array.from(uniformDirection(dimension, randomStream(1, 'direction')));
    const sums = gradientSums(tf, dimension, direction);
    const gradients = await measure(async (count, progress) => {
      for (const indices of minibatches(count)) {
        await withGradient(tf, onDevice, gatherer, indices, 'a minibatch', (gradient) => sums.add(gradient));
        progress();
      }
    });
    report({ gradMs: gradients });
  });
}

/** As large as the real one, since gathering a minibatch out of one that fits a cache would cost less. */
function randomDataset({ signature, examples }: Model): Dataset {
  const size = signature.imageShape.reduce((product, extent) => product * extent, examples);
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    // xorshift32 (Marsaglia 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  const labels = Uint8Array.from({ length: examples }, (_, i) => i % signature.classes);
  return { examples, imageShape: signature.imageShape, pixels: new Uint8Array(words.buffer, 0, size), labels };
}

/**
 * Milliseconds of one step: the median over blocks of steps, after some to warm up.
 *
 * @param run takes so many steps, and calls `progress` after each.
 */
async function measure(run: (count: number, progress: () => void) => Promise<void>): Promise<number> {
  let estimate = Number.POSITIVE_INFINITY;
  // An engine that takes seconds for a step compiles and tunes nothing that more of them would show.
  for (let steps = 2; steps <= 8 && steps < 1000 / estimate + 3; steps *= 2) {
    const trial = await timesOf(run, steps);
    estimate = ((trial.at(-1) as number) - (trial[0] as number)) / (steps - 1);
  }
  const count = Math.max(FEWEST_STEPS, Math.ceil((1000 * task.seconds) / estimate));
  await everybodyIsReady();
  const times = await timesOf(run, count);
  const stepsPerBlock = Math.max(1, Math.floor((times.length - 1) / BLOCKS));
  const blocks: number[] = [];
  for (let from = 0; from + stepsPerBlock < times.length; from += stepsPerBlock) {
    blocks.push(((times[from + stepsPerBlock] as number) - (times[from] as number)) / stepsPerBlock);
  }
  return median(blocks);
}

/** When each step ended. */
async function timesOf(run: Parameters<typeof measure>[0], count: number): Promise<readonly number[]> {
  const times: number[] = [];
  await run(count, () => {
    times.push(performance.now());
  });
  return times;
}

/** Floating-point operations per second of the addon's product of large matrices: of many the fastest. */
async function measurePeak(tf: TensorFlow): Promise<void> {
  const { binding } = tf.backend() as OnednnBackend;
  const n = 2048;
  const [a, b, c] = [binding.allocate(n * n), binding.allocate(n * n), binding.allocate(n * n)];
  a.fill(0.5);
  b.fill(0.25);
  const product = () => binding.gemm(false, false, n, n, n, 1, a, b, 0, c);
  product();
  await everybodyIsReady();
  const begin = performance.now();
  let best = Number.POSITIVE_INFINITY;
  while (performance.now() - begin < 1000 * task.seconds) {
    const started = performance.now();
    product();
    best = Math.min(best, performance.now() - started);
  }
  report({ peakGflops: (2 * n ** 3) / best / 1e6 });
}

async function everybodyIsReady(): Promise<void> {
  console.log('ready');
  await lines.next();
}

function report(result: object): void {
  console.log(JSON.stringify(result));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}
