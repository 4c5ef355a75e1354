import { describe, expect, it } from 'vitest';
import { convolve, convolvePixels } from '../../../src/tensors/layers/convolution.ts';
import { type Recorder, Tape, withoutTape } from '../../../src/tensors/tape/tape.ts';
import type { Tensor4D } from '../../../src/tensors/tensorflow.ts';
import { BACKENDS, tensorFlow } from '../../sgd/support/fixtures.ts';

const counting = Array.from({ length: 16 }, (_, i) => i + 1);

describe.each(BACKENDS)('convolutions on %s', (backend) => {
  it("pad a stride of 2 at the bottom and at the right, as TensorFlow's 'same' does", async () => {
    const tf = await tensorFlow(backend);
    const sums = tf.tidy(() => {
      const x = tf.tensor4d(counting, [1, 4, 4, 1]);
      const ones = tf.ones([3, 3, 1, 1]);
      return convolve(withoutTape(tf), x, ones, { stride: 2, rectify: false }).arraySync();
    }) as number[][][][];
    // Rows 0 to 2 and 2 to 3 (one of padding below), the same of columns: of 1 … 16 in rows of four.
    expect(sums.flat(3)).toEqual([
      1 + 2 + 3 + 5 + 6 + 7 + 9 + 10 + 11,
      3 + 4 + 7 + 8 + 11 + 12,
      9 + 10 + 11 + 13 + 14 + 15,
      11 + 12 + 15 + 16,
    ]);
  });

  it('pad a stride of 1 on all sides, and do not turn the kernel', async () => {
    const tf = await tensorFlow(backend);
    const shifted = tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
      // Takes the pixel above and to the left.
      const kernel = tf.tensor4d([1, 0, 0, 0, 0, 0, 0, 0, 0], [3, 3, 1, 1]);
      return convolve(withoutTape(tf), x, kernel, { stride: 1, rectify: false }).arraySync();
    }) as number[][][][];
    expect(shifted.flat(3)).toEqual([0, 0, 0, 0, 1, 2, 0, 4, 5]);
  });

  it('have a ReLU where it is asked for, which stops the gradient', async () => {
    const tf = await tensorFlow(backend);
    const { numTensors } = tf.memory();
    const [values, dKernel, dKernelOfPixels] = tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
      const kernel = tf.tensor4d([1, -1], [1, 1, 1, 2]);
      const options = { stride: 1, rectify: true };
      const gradientOf = (layer: (recorder: Recorder) => Tensor4D) => {
        const tape = new Tape(tf);
        layer(tape);
        return tape.gradients(tf.ones([1, 2, 2, 2]), [kernel])[0] as Tensor4D;
      };
      return [
        convolve(withoutTape(tf), x, kernel, options),
        gradientOf((recorder) => convolve(recorder, x, kernel, options)),
        gradientOf((recorder) => convolvePixels(recorder, x, kernel, options)),
      ].map((tensor) => [...tensor.dataSync()]);
    }) as unknown as number[][];
    // oneDNN's ReLU makes -0 of a negative number on arm64; adding 0 makes that 0, and nothing else another number.
    expect(values?.map((value) => value + 0)).toEqual([1, 0, 2, 0, 3, 0, 4, 0]);
    expect(dKernel).toEqual([10, 0]);
    expect(dKernelOfPixels).toEqual([10, 0]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
