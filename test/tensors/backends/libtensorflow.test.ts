import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { matricesOf } from '../../../src/tensors/algebra/backend-matrices.ts';
import { columnSums } from '../../../src/tensors/algebra/column-sums.ts';
import { tfjsNodeAvailability } from '../../../src/tensors/backends/tfjs-node.ts';
import { tensorFlow } from '../../sgd/support/fixtures.ts';

// What libtensorflow does otherwise than the other backends, and what this package does about it. Other tests run on every backend that is
// available; `.ci/run` installs this one.
const found = tfjsNodeAvailability(process.cwd());
const missing = found.kind === 'unavailable' ? `${found.reason}; ${found.fix}` : undefined;

/** ‖actual − expected‖ / ‖expected‖ */
function distance(actual: ArrayLike<number>, expected: readonly number[]): number {
  return Math.hypot(...expected.map((value, i) => (actual[i] as number) - value)) / Math.hypot(...expected);
}

describe.skipIf(missing !== undefined)(`libtensorflow itself${missing === undefined ? '' : `: ${missing}`}`, () => {
  it.each([
    [65_536, 4],
    [65_537, 4],
  ])(
    'adds up rows one after the other, and loses a digit of %i × %i; sums in two stages keep it',
    async (rows, columns) => {
      const tf = await tensorFlow('tfjs-node');
      const stream = randomStream(8, 'columns of a test');
      const values = Float32Array.from({ length: rows * columns }, () => 1 + stream.uniform());
      const exact = Array.from({ length: columns }, (_, column) => {
        let sum = 0;
        for (let i = column; i < values.length; i += columns) sum += values[i] as number;
        return sum;
      });
      const [plain, staged] = tf.tidy(() => {
        const x = tf.tensor2d(values, [rows, columns]);
        return [tf.sum(x, 0), columnSums(tf, x)].map((sums) => [...sums.dataSync()]);
      }) as [number[], number[]];
      expect(distance(plain, exact)).toBeGreaterThan(2e-6);
      expect(distance(staged, exact)).toBeLessThan(5e-7);
    },
  );

  it('takes denormal numbers for zeros; products of matrices keep them', async () => {
    const tf = await tensorFlow('tfjs-node');
    // Rows of denormal numbers, of small ones and of ordinary ones.
    const sizes = [1e-39, 2e-38, 1];
    const a = Float32Array.from(sizes.flatMap((size) => [3 * size, 4 * size]));
    const identity = Float32Array.of(1, 0, 0, 1);
    const plain = tf.tidy(() => [...tf.matMul(tf.tensor2d(a, [3, 2]), tf.tensor2d(identity, [2, 2])).dataSync()]);
    expect(plain.slice(0, 2)).toEqual([0, 0]);
    const out = new Float32Array(6);
    matricesOf(tf).multiply(a, identity, out, { rows: 3, inner: 2, columns: 2 });
    sizes.forEach((size, row) => {
      const norm = Math.hypot(out[2 * row] as number, out[2 * row + 1] as number);
      expect(norm / (5 * size)).toBeCloseTo(1, 6);
    });
  });
});
