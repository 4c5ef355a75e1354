import { randomStream } from '../../../src/engine/base/random.ts';
import { variablesOf } from '../../../src/sgd/networks/variables.ts';
import { initialWeights, type Weights } from '../../../src/sgd/networks/weights.ts';
import type { Dataset } from '../../../src/sgd/training/dataset.ts';
import { listBackends, resolveCompute } from '../../../src/tensors/backends/available.ts';
import { loadTensorFlow } from '../../../src/tensors/backends/load.ts';
import type { TensorFlow } from '../../../src/tensors/tensorflow.ts';
import type { Setup } from './reference.ts';

export const CLASSES = 4;

const batchNorm = { epsilon: 1e-3, momentum: 0.9 };

const fullyConnected = (hidden: number[], withBatchNorm: boolean): Setup => ({
  architecture: { kind: 'fully-connected', hidden, batchNorm: withBatchNorm && batchNorm },
  imageShape: [3, 2, 1],
});

// An odd and an even extent, which a stride of 2 pads differently. The second group has as many filters as the first.
const convolutional = (residual: boolean, withBatchNorm: boolean): Setup => ({
  architecture: {
    kind: 'convolutional',
    stem: 2,
    filters: [3, 3, 4],
    convolutionsPerGroup: 2,
    kernelSize: 3,
    residual,
    batchNorm: withBatchNorm && batchNorm,
  },
  imageShape: [5, 4, 2],
});

/** The eight setups, in small. */
export const SETUPS = {
  fnn: fullyConnected([7], false),
  'fnn+bn': fullyConnected([7], true),
  dfnn: fullyConnected([7, 6, 5], false),
  'dfnn+bn': fullyConnected([7, 6, 5], true),
  cnn: convolutional(false, false),
  'cnn+bn': convolutional(false, true),
  'cnn+res': convolutional(true, false),
  'cnn+res+bn': convolutional(true, true),
};

export const SETUP_NAMES = Object.keys(SETUPS) as (keyof typeof SETUPS)[];

/** The backends that this machine has; wasm and cpu are always among them. */
export const BACKENDS = listBackends(process.cwd())
  .filter(({ kind }) => kind === 'available')
  .map(({ name }) => name);

export function computeIdentity(backend: string) {
  const found = resolveCompute({ backend, threads: 1 }, process.cwd());
  if (found.kind === 'refused') throw new Error(found.problems[0]?.fact);
  return found.identity;
}

export function tensorFlow(backend: string): Promise<TensorFlow> {
  return loadTensorFlow(computeIdentity(backend));
}

/** Glorot kernels, with everything else moved off its initial value, so that no term of a formula vanishes. */
export function someWeights({ architecture, imageShape }: Setup): Weights {
  const variables = variablesOf(architecture, { imageShape, classes: CLASSES });
  const weights = initialWeights(variables, (variable) => randomStream(7, 'weights of a test', variable));
  for (const [name, { data }] of Object.entries(weights)) {
    if (name.endsWith('kernel')) continue;
    const stream = randomStream(7, 'shift of a test', name);
    for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + 0.4 * stream.uniform();
  }
  return weights;
}

/** Random pixels and labels. */
export function someDataset(examples: number, imageShape: readonly number[]): Dataset {
  const stream = randomStream(11, 'images of a test');
  const size = imageShape.reduce((product, extent) => product * extent, 1);
  return {
    examples,
    imageShape,
    pixels: Uint8Array.from({ length: examples * size }, () => stream.integer(256)),
    labels: Uint8Array.from({ length: examples }, () => stream.integer(CLASSES)),
  };
}

/** The pixels of some examples in float64, and their labels. */
export function examplesAt(dataset: Dataset, indices: Uint32Array) {
  const size = dataset.imageShape.reduce((product, extent) => product * extent, 1);
  return {
    images: [...indices].map((i) =>
      Float64Array.from(dataset.pixels.subarray(i * size, (i + 1) * size), (byte) => byte / 255),
    ),
    labels: Uint8Array.from(indices, (i) => dataset.labels[i] as number),
  };
}
