import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { matricesOf } from '../../../src/tensors/algebra/backend-matrices.ts';
import type { Matrices } from '../../../src/tensors/algebra/matrices.ts';
import { BACKENDS, tensorFlow } from '../../sgd/support/fixtures.ts';

const uniform = (count: number, seed: number): Float32Array => {
  const stream = randomStream(seed, 'matrix of a test');
  return Float32Array.from({ length: count }, () => 2 * stream.uniform() - 1);
};

/** op(a)·op(b) in double precision. */
function product64(a: Float32Array, b: Float32Array, rows: number, inner: number, columns: number, flips: boolean[]) {
  const [flipA, flipB] = flips;
  return Array.from({ length: rows * columns }, (_, at) => {
    const [r, c] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum +=
        (a[flipA ? k * rows + r : r * inner + k] as number) * (b[flipB ? c * inner + k : k * columns + c] as number);
    }
    return sum;
  });
}

const largestDifference = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  expect(actual.length).toBe(expected.length);
  return Math.max(...Array.from(expected, (value, i) => Math.abs((actual[i] as number) - value)));
};

describe.each(BACKENDS)('matrices on %s', (backend) => {
  let matrices: Matrices;
  let tensors: () => number;
  beforeAll(async () => {
    const tf = await tensorFlow(backend);
    matrices = matricesOf(tf);
    tensors = () => tf.memory().numTensors;
  });

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('are multiplied, transposed %s and %s', (transposeA, transposeB) => {
    const before = tensors();
    const [rows, inner, columns] = [7, 19, 11];
    const a = uniform(rows * inner, 1);
    const b = uniform(inner * columns, 2);
    const out = matrices.allocate(rows * columns);
    matrices.multiply(a, b, out, { rows, inner, columns, transposeA, transposeB });
    expect(largestDifference(out, product64(a, b, rows, inner, columns, [transposeA, transposeB]))).toBeLessThan(1e-5);
    matrices.release(out);
    expect(tensors()).toBe(before);
  });

  it('are rectified and cut where they were, a NaN apart', () => {
    const x = Float32Array.of(-1, 0, 2, Number.NaN);
    const delta = Float32Array.of(5, 6, 7, 8);
    matrices.cut(delta, x);
    matrices.rectify(x);
    expect([...x]).toEqual([0, 0, 2, Number.NaN]);
    expect([...delta.subarray(0, 3)]).toEqual([0, 0, 7]);
  });

  it('are gathered by rows and columns of bytes', () => {
    const out = matrices.allocate(4);
    const bytes = Uint8Array.of(0, 51, 255, 10, 20, 30, 102, 0, 204);
    matrices.gatherColumns(bytes, 3, Uint32Array.of(2, 0), Uint32Array.of(0, 2), out);
    expect([...out]).toEqual([102, 204, 0, 255].map((byte) => Math.fround(byte / 255)));
  });

  it('are multiplied row by row, and scaled so', () => {
    const [rows, columns] = [3, 70];
    const x = uniform(rows * columns, 3);
    const y = uniform(rows * columns, 4);
    const sums = Float64Array.of(1, 2, 3);
    matrices.addRowProducts(x, y, sums);
    const row = (r: number) => x.subarray(r * columns, (r + 1) * columns);
    const expected = [1, 2, 3].map((sum, r) => row(r).reduce((s, v, c) => s + v * (y[r * columns + c] as number), sum));
    expect(largestDifference(sums, expected)).toBeLessThan(1e-12);

    const out = new Float32Array(rows * (columns + 5)).fill(9);
    matrices.scaleRows(x, Float64Array.of(2, 0, -1), out, { stride: columns + 5, start: 2, columns });
    const places = (r: number) => [...out.subarray(r * (columns + 5), (r + 1) * (columns + 5))];
    expect(places(0)).toEqual([9, 9, ...row(0).map((v) => 2 * v), 9, 9, 9]);
    expect(places(2)).toEqual([9, 9, ...row(2).map((v) => -v), 9, 9, 9]);
  });

  it('are added to a sum, to all of its rows or to some', () => {
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    const total = new Float64Array(9).fill(10);
    matrices.addRows(x, { stride: 3, start: 1, columns: 2 }, undefined, total, 1);
    expect([...total]).toEqual([10, 12, 13, 15, 16, 10, 10, 10, 10]);
    matrices.addRows(x, { stride: 3, start: 0, columns: 2 }, Uint32Array.of(1, 3), total, 1);
    expect([...total]).toEqual([10, 12, 13, 16, 18, 10, 10, 14, 15]);
  });

  it.each([
    { name: 'few rows, by Gram matrices', size: 3, width: 20, outputs: 30, byGram: true },
    { name: 'few rows, by the product itself', size: 3, width: 20, outputs: 30, byGram: false },
    { name: 'many rows, by Gram matrices', size: 25, width: 6, outputs: 5, byGram: true },
    { name: 'many rows, by the product itself', size: 25, width: 6, outputs: 5, byGram: false },
  ])('have squared norms of products of scattered rows: $name', ({ size, width, outputs, byGram }) => {
    const before = tensors();
    const examples = 40;
    const bytes = Uint8Array.from(uniform(examples * width, 5), (x) => 127 * (x + 1));
    const deltas = uniform(examples * outputs, 6);
    const draws = randomStream(7, 'rows of a test');
    const pairs = Array.from({ length: 4 }, () => draws.subset(examples, size));
    const chosen = Uint32Array.from(pairs.flatMap((rows) => [...rows]));
    const squares = new Float64Array(pairs.length).fill(1);
    matrices.addSquaresOfProducts(
      {
        size,
        inputs: { values: bytes, chosen, width },
        deltas: { values: deltas, chosen, width: outputs },
        deltaFactor: 4,
        factor: 0.5,
        byGram,
      },
      squares,
    );
    const rowsOf = (values: ArrayLike<number>, rows: Uint32Array, columns: number) =>
      Float32Array.from(
        [...rows].flatMap((r) => Array.from({ length: columns }, (_, c) => values[r * columns + c] as number)),
      );
    const expected = pairs.map((rows) => {
      const a = rowsOf(bytes, rows, width);
      const product = product64(a, rowsOf(deltas, rows, outputs), width, size, outputs, [true, false]);
      return 1 + 0.5 * 16 * product.reduce((sum, value) => sum + value * value, 0);
    });
    const relative = expected.map((value, i) => (squares[i] as number) / value);
    expect(largestDifference(relative, [1, 1, 1, 1])).toBeLessThan(1e-5);
    expect(tensors()).toBe(before);
  });
});
