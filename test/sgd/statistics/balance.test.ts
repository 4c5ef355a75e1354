import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balancedVectors } from '../../../src/sgd/statistics/balance.ts';

describe('balancedVectors', () => {
  it('puts equal vectors at 120 degrees', () => {
    const [first, second, third] = balancedVectors([2, 2, 2]);
    expect(first).toEqual([2, 0]);
    expect(second?.[0]).toBeCloseTo(-1, 12);
    expect(second?.[1]).toBeCloseTo(Math.sqrt(3), 12);
    expect(third?.[0]).toBeCloseTo(-1, 12);
    expect(third?.[1]).toBeCloseTo(-Math.sqrt(3), 12);
  });

  it('gives vectors of the lengths asked for, which cancel', () => {
    const side = fc.double({ min: 0.5, max: 1, noNaN: true });
    fc.assert(
      // Two sides of at least 1/2 are longer than a third below 1 together.
      fc.property(side, side, side, (a, b, c) => {
        fc.pre(Math.max(a, b, c) < a + b + c - Math.max(a, b, c) - 1e-3);
        const vectors = balancedVectors([a, b, c]);
        vectors.forEach((vector, i) => {
          expect(Math.hypot(...vector)).toBeCloseTo([a, b, c][i] ?? 0, 12);
        });
        for (const axis of [0, 1])
          expect(vectors.reduce((sum, vector) => sum + (vector[axis] ?? 0), 0)).toBeCloseTo(0, 9);
      }),
    );
  });

  it.each([[[1, 1, 2]], [[1, 3, 1]], [[0, 1, 1]], [[-1, 1, 1]]] as [[number, number, number]][])(
    'refuses %j, which are no sides of a triangle',
    (lengths) => {
      expect(() => balancedVectors(lengths)).toThrow(RangeError);
    },
  );
});
