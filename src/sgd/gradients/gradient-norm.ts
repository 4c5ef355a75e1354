import type { TensorFlow } from '../../tensors/tensorflow.ts';
import type { Model } from '../networks/model.ts';
import { trainableDimension } from '../networks/variables.ts';
import type { Dataset } from '../training/dataset.ts';
import { MinibatchGatherer } from '../training/minibatch.ts';
import { flattenInto, withGradient } from './gradient.ts';

/** Larger minibatches are divided into parts of this many examples: matrices of that height are fast, and activations stay small. */
const PART = 2048;

/**
 * Norms of minibatch gradients, for minibatches of any size up to the whole data set. The gradient of a large minibatch is
 * the mean of its parts' gradients, weighted by their sizes, and needs no more memory than that of one part. Where batch
 * normalisation connects the examples of a minibatch, it is computed at once.
 */
export class MinibatchGradientNorms {
  readonly #tf: TensorFlow;
  readonly #model: Model;
  readonly #gatherer: MinibatchGatherer;
  readonly #part: number;
  readonly #gradient: Float32Array;
  readonly #mean: Float64Array;

  /**
   * @param largest the size of the largest minibatch
   * @param part the largest number of examples in a part
   */
  constructor(tf: TensorFlow, model: Model, dataset: Dataset, largest: number, part = PART) {
    const dimension = trainableDimension(model.variables);
    this.#tf = tf;
    this.#model = model;
    this.#part = model.architecture.batchNorm ? largest : Math.min(part, largest);
    this.#gatherer = new MinibatchGatherer(tf, dataset, model.classes, this.#part);
    this.#gradient = new Float32Array(dimension);
    this.#mean = new Float64Array(dimension);
  }

  /**
   * ‖∇f‖ of the mean loss over the examples at `indices`, summed in double precision.
   *
   * @param where names the minibatch in a failure
   * @throws {Failure} kind `stage` when the loss is not finite
   */
  async norm(indices: Uint32Array, where: string): Promise<number> {
    if (indices.length <= this.#part) {
      await this.#take(indices, where);
      return euclideanNorm(this.#gradient);
    }
    this.#mean.fill(0);
    for (let start = 0; start < indices.length; start += this.#part) {
      const part = indices.subarray(start, start + this.#part);
      await this.#take(part, where);
      addScaled(this.#mean, this.#gradient, part.length / indices.length);
    }
    return euclideanNorm(this.#mean);
  }

  #take(indices: Uint32Array, where: string): Promise<void> {
    return withGradient(this.#tf, this.#model, this.#gatherer, indices, where, (gradient) =>
      flattenInto(this.#tf, gradient, this.#gradient),
    );
  }
}

function addScaled(sum: Float64Array, vector: Float32Array, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + factor * (vector[i] as number);
}

function euclideanNorm(vector: Float32Array | Float64Array): number {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += (vector[i] as number) ** 2;
  return Math.sqrt(squares);
}
