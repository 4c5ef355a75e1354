import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moments, norm } from '../../../src/sgd/statistics/moments.ts';

describe('moments', () => {
  it('are those of plain float64 sums, at any length', () => {
    const component = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1, max: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(component, component), { maxLength: 3000 }), (pairs) => {
        const gradient = Float32Array.from(pairs, ([g]) => g);
        const other = Float64Array.from(pairs, ([, v]) => v);
        const found = moments(gradient, other);
        const squares = pairs.reduce((sum, [g]) => sum + g * g, 0);
        const product = pairs.reduce((sum, [g, v]) => sum + g * v, 0);
        const scale = pairs.reduce((sum, [g, v]) => sum + Math.abs(g * v), 0);
        expect(Math.abs(found.norm - Math.sqrt(squares))).toBeLessThanOrEqual(1e-13 * Math.sqrt(squares));
        expect(Math.abs(found.product - product)).toBeLessThanOrEqual(1e-13 * scale);
        expect(norm(Float64Array.from(gradient))).toBeCloseTo(found.norm, 12);
      }),
      { numRuns: 50 },
    );
  });

  it('are right to 1e-12 where the rounding errors of millions of components add up', () => {
    const value = Math.fround(0.1);
    const gradient = new Float32Array(2_000_001).fill(value);
    const other = new Float64Array(gradient.length).fill(0.3);
    const found = moments(gradient, other);
    expect(Math.abs(found.norm / (value * Math.sqrt(gradient.length)) - 1)).toBeLessThan(1e-12);
    expect(Math.abs(found.product / (value * 0.3 * gradient.length) - 1)).toBeLessThan(1e-12);
  });
});
