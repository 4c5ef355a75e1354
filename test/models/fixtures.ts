import { randomStream } from '../../src/base/random.ts';
import { listBackends, resolveCompute } from '../../src/compute/available.ts';
import { loadTensorFlow } from '../../src/compute/load.ts';
import type { Architecture } from '../../src/models/architecture.ts';
import type { Dataset } from '../../src/models/dataset.ts';
import type { TensorFlow } from '../../src/models/tensorflow.ts';
import { variablesOf } from '../../src/models/variables.ts';
import { initialWeights, type Weights } from '../../src/models/weights.ts';

export const IMAGE_SHAPE = [3, 2, 1];
export const CLASSES = 4;

const batchNorm = { epsilon: 1e-3, momentum: 0.9 };

/** The four setups of fully-connected networks, in small. */
export const SETUPS: Readonly<Record<string, Architecture>> = {
  fnn: { kind: 'fully-connected', hidden: [7], batchNorm: false },
  'fnn+bn': { kind: 'fully-connected', hidden: [7], batchNorm },
  dfnn: { kind: 'fully-connected', hidden: [7, 6, 5], batchNorm: false },
  'dfnn+bn': { kind: 'fully-connected', hidden: [7, 6, 5], batchNorm },
};

/** The backends that this machine has; wasm and cpu are always among them. */
export const BACKENDS = listBackends(process.cwd())
  .filter(({ kind }) => kind === 'available')
  .map(({ name }) => name);

export function computeIdentity(backend: string) {
  const found = resolveCompute({ backend, threads: 1 }, process.cwd());
  if (found instanceof Error) throw found;
  return found.identity;
}

export function tensorFlow(backend: string): Promise<TensorFlow> {
  return loadTensorFlow(computeIdentity(backend));
}

/** Glorot kernels, with everything else moved off its initial value, so that no term of a formula vanishes. */
export function someWeights(architecture: Architecture): Weights {
  const variables = variablesOf(architecture, { imageShape: IMAGE_SHAPE, classes: CLASSES });
  const weights = initialWeights(variables, (variable) => randomStream(7, 'weights of a test', variable));
  for (const [name, { data }] of Object.entries(weights)) {
    if (name.endsWith('kernel')) continue;
    const stream = randomStream(7, 'shift of a test', name);
    for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + 0.4 * stream.uniform();
  }
  return weights;
}

/** Random pixels and labels. */
export function someDataset(examples: number): Dataset {
  const stream = randomStream(11, 'images of a test');
  const size = IMAGE_SHAPE.reduce((product, extent) => product * extent, 1);
  return {
    examples,
    imageShape: IMAGE_SHAPE,
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
