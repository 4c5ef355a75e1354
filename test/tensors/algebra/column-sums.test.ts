import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { columnSums } from '../../../src/tensors/algebra/column-sums.ts';
import { BACKENDS, tensorFlow } from '../../sgd/support/fixtures.ts';

describe.each(BACKENDS)('column sums on %s', (backend) => {
  // 65,536 is a minibatch of 64 images of 32 × 32 pixels; 1009 and 65,537 are prime.
  it.each([
    [1, 5],
    [1009, 3],
    [65_536, 4],
    [65_537, 4],
  ])('of %i × %i lose no digits', async (rows, columns) => {
    const tf = await tensorFlow(backend);
    const stream = randomStream(8, 'columns of a test');
    // All of one sign: rounding errors that grew with the number of rows would show.
    const values = Float32Array.from({ length: rows * columns }, () => 1 + stream.uniform());
    const before = tf.memory().numTensors;
    const found = tf.tidy(() => [...columnSums(tf, tf.tensor2d(values, [rows, columns])).dataSync()]);
    expect(tf.memory().numTensors).toBe(before);
    const exact = Array.from({ length: columns }, (_, k) =>
      values.reduce((sum, value, i) => sum + (i % columns === k ? value : 0), 0),
    );
    expect(found).toHaveLength(columns);
    exact.forEach((sum, k) => {
      expect(Math.abs((found[k] as number) / sum - 1)).toBeLessThan(2e-6);
    });
  });
});
