import { valuesOf } from '../../tensors/read.ts';
import type { Tensor, TensorFlow } from '../../tensors/tensorflow.ts';
import type { Variable } from './variables.ts';
import type { Weights } from './weights.ts';

/** A model's variables as tensors of the backend. Owns them: `dispose` when done. */
export class DeviceWeights {
  readonly #tf: TensorFlow;
  readonly #variables: readonly Variable[];
  readonly #tensors = new Map<string, Tensor>();

  constructor(tf: TensorFlow, variables: readonly Variable[], weights: Weights) {
    this.#tf = tf;
    this.#variables = variables;
    for (const { name, shape } of variables) {
      // A copy: the cpu backend computes on the array that it gets, and the caller's must not change.
      const values = weights[name]?.data.slice();
      if (!values) throw new RangeError(`no weights for "${name}"`);
      this.#tensors.set(name, tf.keep(tf.tensor(values, [...shape], 'float32')));
    }
  }

  get(name: string): Tensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new RangeError(`the model has no variable "${name}"`);
    return tensor;
  }

  /** Replaces the variable's tensor, which is disposed. `value` may come out of a `tidy`. */
  replace(name: string, value: Tensor): void {
    this.get(name).dispose();
    this.#tensors.set(name, this.#tf.keep(value));
  }

  /** The present values. */
  download(): Weights {
    return Object.fromEntries(
      this.#variables.map(({ name, shape }) => [name, { shape, data: valuesOf(this.#tf, this.get(name)) }]),
    );
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }
}
