import type { Tensor, TensorFlow } from '../tensorflow.ts';

/**
 * The vector–Jacobian product of one operation: from the loss's gradient with respect to the output, it computes those with respect to the inputs, in their order. Each is a
 * tensor of its own, which the caller disposes. The given gradient may be overwritten, and is disposed afterwards.
 */
export type Pullback = (gradient: Tensor) => readonly Tensor[];

/** The tools of a forward pass. */
export interface Recorder {
  readonly tf: TensorFlow;
  /** Records how `output` was computed, and returns it. */
  record<T extends Tensor>(output: T, inputs: readonly Tensor[], pullback: Pullback): T;
}

interface Operation {
  readonly output: Tensor;
  readonly inputs: readonly Tensor[];
  readonly pullback: Pullback;
}

/**
 * Reverse-mode differentiation of a forward pass. Its operations give their own vector–Jacobian products. TensorFlow.js's tape
 * keeps a copy of each tensor that it saves, and costs more than the kernels of a small network.
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
   * Replays the recorded operations backwards, once. Their outputs are disposed as soon as nothing needs them any more, except for the
   * last one's: the next kernel then finds their memory still in the cache.
   *
   * @param gradient of the loss with respect to the output of the last operation; is consumed
   * @param variables inputs of recorded operations
   * @returns the loss's gradients with respect to the variables. The caller disposes them
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

/** For a forward pass without gradients. */
export function withoutTape(tf: TensorFlow): Recorder {
  return { tf, record: (output) => output };
}
