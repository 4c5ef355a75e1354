import { backendWith } from '../../tensors/capabilities.ts';
import type { Tensor, Tensor2D, TensorFlow } from '../../tensors/tensorflow.ts';
import { elementCount } from '../networks/variables.ts';
import { type Dataset, requireKnownLabels } from './dataset.ts';

/** Some examples as tensors; whoever gathers it disposes the two. */
export interface Minibatch {
  readonly size: number;
  /** [m, height, width, channels], scaled to [0, 1]. */
  readonly images: Tensor;
  /** [m, classes], float32. */
  readonly oneHotLabels: Tensor2D;
  readonly labels: Uint8Array;
}

/**
 * Turns indices into minibatches, through arrays that are reused: gathering allocates nothing in JavaScript. On the cpu
 * backend the tensors are views of these arrays, so one minibatch is gathered at a time.
 */
export class MinibatchGatherer {
  readonly #tf: TensorFlow;
  readonly #dataset: Dataset;
  readonly #classes: number;
  readonly #imageSize: number;
  readonly #pixels: Float32Array;
  readonly #oneHot: Float32Array;
  readonly #labels: Uint8Array;
  readonly #scaled = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

  /**
   * @param batchSize the largest number of examples that will be gathered at once
   * @throws {Failure} kind `stage` when a label is not one of the classes
   */
  constructor(tf: TensorFlow, dataset: Dataset, classes: number, batchSize: number) {
    requireKnownLabels(dataset, classes);
    this.#tf = tf;
    this.#dataset = dataset;
    this.#classes = classes;
    this.#imageSize = elementCount(dataset.imageShape);
    this.#pixels = new Float32Array(batchSize * this.#imageSize);
    this.#oneHot = new Float32Array(batchSize * classes);
    this.#labels = new Uint8Array(batchSize);
  }

  /** The minibatch of the examples at `indices`. The previous one must have been disposed. */
  gather(indices: Uint32Array): Minibatch {
    const size = indices.length;
    this.#oneHot.fill(0);
    for (let row = 0; row < size; row++) {
      const label = this.#dataset.labels[indices[row] as number] as number;
      this.#labels[row] = label;
      this.#oneHot[row * this.#classes + label] = 1;
    }
    const images = this.#images(indices);
    const oneHotLabels = this.#tf.tensor2d(
      this.#oneHot.subarray(0, size * this.#classes),
      [size, this.#classes],
      'float32',
    );
    return { size, images, oneHotLabels, labels: this.#labels.subarray(0, size) };
  }

  #images(indices: Uint32Array): Tensor {
    const { pixels: source, imageShape } = this.#dataset;
    const shape = [indices.length, ...imageShape];
    const backend = backendWith(this.#tf, 'gatherScaled');
    if (backend) return this.#tf.engine().makeTensorFromTensorInfo(backend.gatherScaled(source, indices, shape));
    let to = 0;
    for (const index of indices) {
      const end = (index + 1) * this.#imageSize;
      for (let from = index * this.#imageSize; from < end; from++) {
        this.#pixels[to++] = this.#scaled[source[from] as number] as number;
      }
    }
    return this.#tf.tensor(this.#pixels.subarray(0, to), shape, 'float32');
  }

  /** Gathers the minibatch, passes it to `use`, and disposes it. */
  with<T>(indices: Uint32Array, use: (minibatch: Minibatch) => T): T {
    const minibatch = this.gather(indices);
    try {
      return use(minibatch);
    } finally {
      minibatch.images.dispose();
      minibatch.oneHotLabels.dispose();
    }
  }
}

/**
 * Divides an order of examples into minibatches.
 *
 * @param dropLast whether to leave out a short last minibatch
 */
export function minibatchesOf(order: Uint32Array, batchSize: number, dropLast: boolean): readonly Uint32Array[] {
  const count = dropLast ? Math.floor(order.length / batchSize) : Math.ceil(order.length / batchSize);
  return Array.from({ length: count }, (_, i) => order.subarray(i * batchSize, (i + 1) * batchSize));
}

/** The order of a dataset itself: 0, 1, …, examples − 1. */
export function consecutive(examples: number): Uint32Array {
  return Uint32Array.from({ length: examples }, (_, i) => i);
}
