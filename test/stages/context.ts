import { randomStream } from '../../src/engine/base/random.ts';
import type { Coordinates, Tensors } from '../../src/engine/stage/index.ts';
import { resolveCompute } from '../../src/tensors/backends/available.ts';

/** A context as the worker would make it, for running a stage without one, with what it reported. */
export function contextOf<Params, Inputs>(
  params: Params,
  coordinates: Coordinates,
  inputs: Inputs,
  backend: string = 'wasm',
) {
  const reported: number[] = [];
  const metrics: { readonly name: string; readonly value: number; readonly step: number | undefined }[] = [];
  const found = resolveCompute({ backend, threads: 1 }, process.cwd());
  if (found.kind === 'refused') throw new Error(found.problems[0]?.fact);
  return {
    params,
    coordinates,
    inputs,
    compute: found.identity,
    reported,
    metrics,
    get scratch(): never {
      throw new Error('a stage of the paper writes no files');
    },
    log: () => {},
    progress: (fraction: number) => void reported.push(fraction),
    metric: (name: string, value: number, step?: number) => void metrics.push({ name, value, step }),
  };
}

export const MODEL = {
  kind: 'fully-connected' as const,
  hidden: [12, 9],
  batchNorm: { epsilon: 1e-5, momentum: 0.9 },
};
export const CONVOLUTIONAL = {
  kind: 'convolutional' as const,
  stem: 2,
  filters: [2, 3],
  convolutionsPerGroup: 2,
  kernelSize: 3,
  residual: true,
  batchNorm: { epsilon: 1e-5, momentum: 0.9 },
};
export const IMAGE_SHAPE = [4, 3, 1];
export const CLASSES = 5;

/** Images of five classes, each with a bright pixel of its own under noise, as the download stage would store them. */
export function brightPixelImages(examples: number): Tensors {
  const stream = randomStream(3, 'images of a stage test');
  const size = 12;
  const labels = Uint8Array.from({ length: examples }, () => stream.integer(CLASSES));
  const pixels = Uint8Array.from({ length: examples * size }, (_, i) =>
    i % size === labels[Math.floor(i / size)] ? 180 + stream.integer(76) : stream.integer(100),
  );
  return {
    images: { shape: [examples, ...IMAGE_SHAPE], data: pixels },
    labels: { shape: [examples], data: labels },
  };
}
