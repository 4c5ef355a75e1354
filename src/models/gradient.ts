import { setImmediate as nextTurn } from 'node:timers/promises';
import { backward } from './backward.ts';
import { requireFiniteLoss } from './finite.ts';
import type { MinibatchGatherer } from './minibatch.ts';
import type { Model } from './model.ts';
import { readInto } from './read.ts';
import type { TensorFlow } from './tensorflow.ts';
import { trainableDimension } from './variables.ts';

/** Takes the flattened gradients of minibatches at one point, into one array that is reused. */
export class GradientSampler {
  /** d */
  readonly dimension: number;
  readonly #tf: TensorFlow;
  readonly #model: Model;
  readonly #gatherer: MinibatchGatherer;
  readonly #gradient: Float32Array;

  constructor(tf: TensorFlow, model: Model, gatherer: MinibatchGatherer) {
    this.#tf = tf;
    this.#model = model;
    this.#gatherer = gatherer;
    this.dimension = trainableDimension(model.variables);
    this.#gradient = new Float32Array(this.dimension);
  }

  /**
   * ĝ = −∇f of the mean loss over the examples at `indices`: the trainable variables in their order, each row-major.
   * Batch normalisation uses the minibatch's statistics, and leaves the running ones as they are.
   *
   * @param where names the minibatch in a failure.
   * @returns length d; overwritten by the next call.
   * @throws {Failure} kind `stage` when the loss is not finite.
   */
  async negativeGradient(indices: Uint32Array, where: string): Promise<Float32Array> {
    await nextTurn();
    const tf = this.#tf;
    const { loss, gradients } = this.#gatherer.with(indices, (minibatch) =>
      backward(tf, this.#model, minibatch, { kind: 'training' }),
    );
    let offset = 0;
    for (const { gradient } of gradients) {
      readInto(tf, gradient, this.#gradient, offset);
      offset += gradient.size;
      gradient.dispose();
    }
    requireFiniteLoss(loss, where);
    for (let i = 0; i < offset; i++) this.#gradient[i] = -(this.#gradient[i] as number);
    return this.#gradient;
  }
}
