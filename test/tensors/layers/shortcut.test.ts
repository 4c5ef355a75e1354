import { describe, expect, it } from 'vitest';
import { addAndRectify, bringToShape } from '../../../src/tensors/layers/shortcut.ts';
import { Tape, withoutTape } from '../../../src/tensors/tape/tape.ts';
import { BACKENDS, tensorFlow } from '../../sgd/support/fixtures.ts';

/** Row r, column c and channel k hold the digits r, c, k. */
const digits = (rows: number, columns: number, channels: number): number[][][][] => [
  Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => Array.from({ length: channels }, (_, k) => 100 * r + 10 * c + k)),
  ),
];

describe.each(BACKENDS)('shortcuts on %s', (backend) => {
  it('take every second pixel, from the first on, and add channels of zeros', async () => {
    const tf = await tensorFlow(backend);
    const { numTensors } = tf.memory();
    const [even, odd] = tf.tidy(() => [
      bringToShape(withoutTape(tf), tf.tensor4d(digits(4, 4, 2)), 2, 3).arraySync(),
      bringToShape(withoutTape(tf), tf.tensor4d(digits(3, 5, 1)), 2, 1).arraySync(),
    ]) as unknown as [number[][][][], number[][][][]];
    expect(even).toEqual([
      [
        [
          [0, 1, 0],
          [20, 21, 0],
        ],
        [
          [200, 201, 0],
          [220, 221, 0],
        ],
      ],
    ]);
    expect(odd).toEqual([
      [
        [[0], [20], [40]],
        [[200], [220], [240]],
      ],
    ]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('hand the gradient back to the pixels that they took', async () => {
    const tf = await tensorFlow(backend);
    const gradient = tf.tidy(() => {
      const x = tf.tensor4d(digits(3, 4, 1));
      const tape = new Tape(tf);
      bringToShape(tape, x, 2, 2);
      const dy = [
        [
          [1, 9],
          [2, 9],
        ],
        [
          [3, 9],
          [4, 9],
        ],
      ];
      return tape.gradients(tf.tensor4d([dy]), [x])[0]?.arraySync();
    });
    expect(gradient).toEqual([
      [
        [[1], [0], [2], [0]],
        [[0], [0], [0], [0]],
        [[3], [0], [4], [0]],
      ],
    ]);
  });

  it('are the input itself where the shape stays', async () => {
    const tf = await tensorFlow(backend);
    const x = tf.tensor4d(digits(2, 2, 1));
    expect(bringToShape(new Tape(tf), x, 1, 1)).toBe(x);
    x.dispose();
  });

  it('are added before the ReLU, and both sides get its gradient', async () => {
    const tf = await tensorFlow(backend);
    const { numTensors } = tf.memory();
    const arrays = tf.tidy(() => {
      const row = (values: number[]) => tf.tensor4d(values, [1, 1, 1, 3]);
      const a = row([1, -3, 2]);
      const b = row([2, 1, -1]);
      const tape = new Tape(tf);
      const sum = addAndRectify(tape, a, b);
      return [sum, ...tape.gradients(row([5, 6, 7]), [a, b])].map((tensor) => tensor.arraySync());
    }) as unknown as number[][][][][];
    expect(arrays.map((array) => array.flat(3))).toEqual([
      [3, 0, 1],
      [5, 0, 7],
      [5, 0, 7],
    ]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
