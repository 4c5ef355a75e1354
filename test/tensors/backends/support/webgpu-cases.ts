// Runs in a process of its own, since a Vulkan driver is chosen by the environment that a process starts with. Prints how
// far webgpu is from cpu in each case.
// Registers the gradients of TensorFlow.js's own tape, which the backends do without.
import '@tensorflow/tfjs';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { withModel } from '../../../../src/sgd/networks/model.ts';
import { MinibatchGatherer } from '../../../../src/sgd/training/minibatch.ts';
import { sgdStep } from '../../../../src/sgd/training/training.ts';
import { loadTensorFlow } from '../../../../src/tensors/backends/load.ts';
import type { TensorFlow } from '../../../../src/tensors/tensorflow.ts';
import { CLASSES, SETUP_NAMES, SETUPS, someDataset, someWeights } from '../../../sgd/support/fixtures.ts';

type Values = readonly ArrayLike<number>[];
type Case = (tf: TensorFlow) => Values | Promise<Values>;

/** Reproducible, uniform on [−1, 1). */
function uniform(tf: TensorFlow, shape: number[], seed: number) {
  return tf.randomUniform(shape, -1, 1, 'float32', seed);
}

const valuesOf = (compute: () => { dataSync(): ArrayLike<number> }[]): Values =>
  compute().map((tensor) => Float64Array.from(tensor.dataSync()));

const CASES: Record<string, Case> = {
  'matmul 33×70×21': (tf) => valuesOf(() => [tf.matMul(uniform(tf, [33, 70], 1), uniform(tf, [70, 21], 2))]),
  'matmul with transposes': (tf) =>
    valuesOf(() => [tf.matMul(uniform(tf, [70, 33], 1), uniform(tf, [21, 70], 2), true, true)]),
  'elementwise and reductions': (tf) =>
    valuesOf(() => {
      const x = uniform(tf, [40, 50], 3);
      return [tf.relu(x), tf.exp(x), tf.add(x, uniform(tf, [50], 4)), tf.sum(x, 0), tf.max(x, 1), tf.logSoftmax(x)];
    }),
  'other types': (tf) =>
    valuesOf(() => {
      const x = uniform(tf, [40, 50], 5);
      return [tf.greater(x, 0), tf.cast(tf.mul(x, 100), 'int32')];
    }),
  'convolutions and their gradients': (tf) =>
    valuesOf(() => {
      const x = uniform(tf, [2, 9, 8, 3], 6);
      const filter = uniform(tf, [3, 3, 3, 5], 7);
      return ([1, 2] as const).flatMap((stride) => {
        const convolution = (...[a, b]: Tensor[]) => tf.conv2d(a as Tensor4D, b as Tensor4D, stride, 'same');
        return [convolution(x, filter), ...tf.grads(convolution)([x, filter])];
      });
    }),
  ...Object.fromEntries(SETUP_NAMES.map((name): [string, Case] => [`a training step of ${name}`, stepOf(name)])),
};

function stepOf(name: keyof typeof SETUPS): Case {
  const setup = SETUPS[name];
  const dataset = someDataset(60, setup.imageShape);
  const indices = Uint32Array.of(3, 38, 0, 17, 21, 9, 30, 12);
  return (tf) =>
    withModel(tf, setup.architecture, setup.imageShape, someWeights(setup), async (model) => {
      const gatherer = new MinibatchGatherer(tf, dataset, CLASSES, indices.length);
      const { loss, correct } = gatherer.with(indices, (minibatch) => sgdStep(tf, model, minibatch, 0.3));
      return [[loss], [correct], ...Object.values(model.weights.download()).map(({ data }) => data)];
    });
}

async function resultsOn(backend: string, cases: Readonly<Record<string, Case>>): Promise<ReadonlyMap<string, Values>> {
  const tf = await loadTensorFlow({ backend, version: 'of a test', threads: 1 });
  // Small tensors would be left to the cpu backend's kernels.
  if (backend === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', false);
  const results = new Map<string, Values>();
  for (const [name, compute] of Object.entries(cases)) {
    tf.engine().startScope();
    results.set(name, await compute(tf));
    tf.engine().endScope();
  }
  return results;
}

/** The largest ‖actual − expected‖ / ‖expected‖ of a case's arrays. */
function distance(actual: Values, expected: Values): number {
  return Math.max(
    ...expected.map((values, i) => {
      let difference = 0;
      let norm = 0;
      for (let j = 0; j < values.length; j++) {
        difference += ((actual[i]?.[j] ?? Number.NaN) - (values[j] as number)) ** 2;
        norm += (values[j] as number) ** 2;
      }
      return Math.sqrt(difference / (norm || 1));
    }),
  );
}

const compared = await resultsOn('webgpu', CASES);
const expected = await resultsOn('cpu', CASES);
const LAST = SETUP_NAMES.at(-1) ?? 'fnn';
const again = await resultsOn('webgpu', { again: stepOf(LAST) });

const tf = await loadTensorFlow({ backend: 'webgpu', version: 'of a test', threads: 1 });
const product = tf.matMul(tf.ones([40, 50]), tf.ones([50, 3]));
const [outstanding, atOnce] = [tf.square(product).data(), product.dataSync()];

process.stdout.write(
  JSON.stringify({
    distances: Object.fromEntries(
      [...expected].map(([name, values]) => [name, distance(compared.get(name) ?? [], values)]),
    ),
    distanceOfRepetition: distance(again.get('again') ?? [], compared.get(`a training step of ${LAST}`) ?? []),
    reads: { atOnce: [...new Set(atOnce)], outstanding: [...new Set(await outstanding)] },
    hasNavigator: 'gpu' in (Reflect.get(globalThis, 'navigator') ?? {}),
  }),
);
