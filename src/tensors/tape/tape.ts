import type { Tensor, TensorFlow } from '../tensorflow.ts';

/**
 * The way back through one operation: from the loss's gradient by the output to those by the inputs, in their order. Each is a
 * tensor of its own, which the caller disposes. The gradient that is handed in may be overwritten, and is disposed afterwards.
 */
export type Pullback = (gradient: Tensor) => readonly Tensor[];

/** What a forward pass computes with. */
export interface Recorder {
  readonly tf: TensorFlow;
  /** Notes how `output` came about, and returns it. */
  record<T extends Tensor>(output: T, inputs: readonly Tensor[], pullback: Pullback): T;
}

interface Operation {
  readonly output: Tensor;
  readonly inputs: readonly Tensor[];
  readonly pullback: Pullback;
}

/**
 * Reverse-mode differentiation of a forward pass whose operations say themselves how their gradients are taken. TensorFlow.js has
 * its own, which keeps a copy of each tensor that it saves, and costs more than the kernels of a small network.
 */
export class Tape implements Recorder {
  readonly tf: TensorFlow;
  readonly #operations: Operation[] = [];

  constructor(tf: TensorFlow) {
    this.tf = tf;
  }

  record<T extends Tensor>(output: T, inputs: readonly Tensor[], pullback: Pullback): T {
    this.#operations.push({ output, inputs, pullback });
    return output;
  }

  /**
   * Goes back through the recorded operations, once. Their outputs are disposed as soon as nothing needs them any more, except the
   * last one's: what comes next then finds their memory still in the cache.
   *
   * @param gradient of the loss by the output of the last operation; is consumed.
   * @param variables inputs of recorded operations.
   * @returns the loss's gradients by the variables. The caller disposes them.
   */
  gradients(gradient: Tensor, variables: readonly Tensor[]): readonly Tensor[] {
    const gradients = new Map<number, Tensor>();
    const last = this.#operations.at(-1);
    if (last) gradients.set(last.output.id, gradient);
    for (let operation = this.#operations.pop(); operation; operation = this.#operations.pop()) {
      const { output, inputs, pullback } = operation;
      const ofOutput = gradients.get(output.id);
      if (ofOutput) {
        gradients.delete(output.id);
        const ofInputs = pullback(ofOutput);
        inputs.forEach(({ id }, i) => {
          gradients.set(id, this.#sum(gradients.get(id), ofInputs[i] as Tensor));
        });
        ofOutput.dispose();
      }
      if (operation !== last) output.dispose();
    }
    return variables.map(({ id, shape }) => gradients.get(id) ?? this.tf.zeros(shape));
  }

  #sum(before: Tensor | undefined, added: Tensor): Tensor {
    if (!before) return added;
    const sum = this.tf.add(before, added);
    before.dispose();
    added.dispose();
    return sum;
  }
}

/** For a forward pass whose gradients nobody takes. */
export function withoutTape(tf: TensorFlow): Recorder {
  return { tf, record: (output) => output };
}
