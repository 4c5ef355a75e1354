import { describe, expect, it } from 'vitest';
import { Tape } from '../../../src/tensors/tape/tape.ts';
import type { Tensor, TensorFlow } from '../../../src/tensors/tensorflow.ts';
import { BACKENDS, tensorFlow } from '../../sgd/support/fixtures.ts';

/** a·b elementwise. */
function multiply(tf: TensorFlow, tape: Tape, a: Tensor, b: Tensor): Tensor {
  return tape.record(tf.mul(a, b), [a, b], (dy) => [tf.mul(dy, b), tf.mul(dy, a)]);
}

const valuesOf = (tensors: readonly Tensor[]) => tensors.map((tensor) => [...tensor.dataSync()]);

describe.each(BACKENDS)('a tape on %s', (backend) => {
  it('adds up the gradients of a tensor that several operations read', async () => {
    const tf = await tensorFlow(backend);
    const { numTensors } = tf.memory();
    const gradients = tf.tidy(() => {
      const x = tf.tensor1d([2, 3]);
      const y = tf.tensor1d([5, 7]);
      const tape = new Tape(tf);
      const square = multiply(tf, tape, x, x);
      multiply(tf, tape, multiply(tf, tape, square, y), x);
      // f = x³y
      return valuesOf(tape.gradients(tf.ones([2]), [x, y]));
    });
    expect(gradients).toEqual([
      [3 * 4 * 5, 3 * 9 * 7],
      [8, 27],
    ]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('keeps variables and the last output, and gives the memory of the others back', async () => {
    const tf = await tensorFlow(backend);
    const before = tf.memory().numTensors;
    const x = tf.tensor1d([2, 3]);
    const tape = new Tape(tf);
    const inner = multiply(tf, tape, x, x);
    const outer = multiply(tf, tape, inner, x);
    const [gradient] = tape.gradients(tf.ones([2]), [x]) as [Tensor];
    expect([x, inner, outer, gradient].map(({ isDisposed }) => isDisposed)).toEqual([false, true, false, false]);
    expect(tf.memory().numTensors).toBe(before + 3);
    for (const tensor of [x, outer, gradient]) tensor.dispose();
  });

  it('gives zeros for a variable that the output does not depend on', async () => {
    const tf = await tensorFlow(backend);
    const gradients = tf.tidy(() => {
      const x = tf.tensor1d([2, 3]);
      const tape = new Tape(tf);
      const unused = multiply(tf, tape, x, tf.tensor1d([1, 2]));
      multiply(tf, tape, x, x);
      return valuesOf(tape.gradients(tf.ones([2]), [x, unused, tf.tensor2d([[1]])]));
    });
    expect(gradients).toEqual([[4, 6], [0, 0], [0]]);
  });
});
