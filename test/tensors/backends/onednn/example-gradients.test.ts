import { describe, expect, it } from 'vitest';
import { binding, uniformValues } from './native.ts';

describe.skipIf(binding === undefined)('the addon on the gradients of examples', () => {
  const addon = binding as NonNullable<typeof binding>;

  // Widths around a vector of 16 and rows around a tile of 4.
  it.each([
    [1, 1, 1],
    [3, 15, 17],
    [4, 16, 32],
    [5, 33, 7],
    [9, 50, 64],
  ])('takes squared norms of products of %i rows, %i and %i wide', (size, width, outputs) => {
    const examples = 11;
    const inputs = uniformValues(examples * width, 1);
    const deltas = uniformValues(examples * outputs, 2);
    const rows = Uint32Array.from({ length: 2 * size }, (_, i) => (i * 7 + 3) % examples);
    const expected = [0, 1].map((pair) => {
      let sum = 0;
      for (let i = 0; i < width; i++) {
        for (let o = 0; o < outputs; o++) {
          let element = 0;
          for (const row of rows.subarray(pair * size, (pair + 1) * size)) {
            element += (inputs[row * width + i] as number) * (deltas[row * outputs + o] as number);
          }
          sum += element ** 2;
        }
      }
      return sum;
    });
    for (const byGram of [true, false]) {
      for (const deltaFactor of [1, 2]) {
        const squares = new Float64Array(2);
        addon.addMinibatchSquares(
          ...([squares, 2, size, inputs, rows, width] as const),
          ...([deltas, rows, outputs, deltaFactor, 3, byGram] as const),
        );
        squares.forEach((square, i) => {
          expect(square / (3 * deltaFactor ** 2 * (expected[i] as number))).toBeCloseTo(1, 5);
        });
      }
    }
  });

  it('refuses rows, columns and places that are not there', () => {
    const bytes = new Uint8Array(12);
    const indices = (...values: number[]) => Uint32Array.from(values);
    const gather = (rows: Uint32Array, columns: Uint32Array, out: number) =>
      addon.gatherColumns(bytes, 4, rows, rows.length, columns, columns.length, new Float32Array(out));
    gather(indices(2), indices(0, 3), 2);
    expect(() => gather(indices(3), indices(0), 1)).toThrow(RangeError);
    expect(() => gather(indices(2), indices(4), 1)).toThrow(RangeError);
    expect(() => gather(indices(2), indices(0, 3), 1)).toThrow(RangeError);

    const add = (positions: Uint32Array, total: number) =>
      addon.addRows(new Float32Array(6), 3, 1, positions, 2, 2, new Float64Array(total), 1);
    add(indices(0, 3), 9);
    expect(() => add(indices(0, 3), 8)).toThrow(RangeError);
    expect(() => add(indices(3, 0), 9)).toThrow(RangeError);

    const squares = (rows: Uint32Array) =>
      addon.addMinibatchSquares(
        ...([new Float64Array(1), 1, 2, new Float32Array(9), rows, 3] as const),
        ...([new Float32Array(9), rows, 3, 1, 1, true] as const),
      );
    squares(indices(0, 2));
    expect(() => squares(indices(0, 3))).toThrow(RangeError);
    expect(() => squares(indices(0))).toThrow(RangeError);
  });

  it('scales rows into columns of a wider matrix, and no further', () => {
    const out = new Float32Array(10).fill(9);
    const scale = (start: number) =>
      addon.scaleRows(Float32Array.of(1, 2, 3, 4), Float64Array.of(2, -1), out, 2, 2, 5, start);
    scale(3);
    expect([...out]).toEqual([9, 9, 9, 2, 4, 9, 9, 9, -3, -4]);
    expect(() => scale(4)).toThrow(RangeError);
  });

  it('adds inner products of rows of any length', () => {
    for (const columns of [1, 31, 32, 33, 100]) {
      const x = uniformValues(3 * columns, 4);
      const y = uniformValues(3 * columns, 5);
      const sums = new Float64Array(3);
      addon.addRowProducts(x, y, sums, 3, columns);
      sums.forEach((sum, r) => {
        const row = x.subarray(r * columns, (r + 1) * columns);
        expect(sum).toBeCloseTo(
          row.reduce((total, value, c) => total + value * (y[r * columns + c] as number), 0),
          9,
        );
      });
    }
  });

  it('gives memory back at once when it is told to', () => {
    const array = addon.allocate(1000);
    array.fill(1);
    addon.release(array);
    expect(array).toHaveLength(0);
    expect(() => addon.reluInPlace(array, 1)).toThrow(RangeError);
  });
});
