import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { gaussianDensityEstimate, silvermanBandwidth } from '../../../src/sgd/statistics/density.ts';

const evenGrid = (from: number, to: number, count: number) =>
  Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

describe('gaussianDensityEstimate', () => {
  it('integrates to 1 and keeps the mean', () => {
    const values = fc.float64Array({ min: -100, max: 100, noNaN: true, minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.5, max: 20, noNaN: true }), (sample, bandwidth) => {
        const grid = evenGrid(-300, 300, 2401);
        const density = gaussianDensityEstimate(sample, grid, bandwidth);
        const step = 600 / 2400;
        const mass = density.reduce((sum, value) => sum + value * step, 0);
        const mean = density.reduce((sum, value, i) => sum + value * (grid[i] as number) * step, 0);
        expect(mass).toBeCloseTo(1, 9);
        expect(mean).toBeCloseTo(sample.reduce((sum, value) => sum + value, 0) / sample.length, 6);
      }),
    );
  });

  it('is the kernel itself for one value', () => {
    const density = gaussianDensityEstimate(Float64Array.of(2), Float64Array.of(2, 2.5), 0.5);
    expect(density[0]).toBeCloseTo(0.3989422804 / 0.5, 9);
    expect(density[1]).toBeCloseTo(0.2419707245 / 0.5, 9);
  });

  it('approximates the density that 3000 values were drawn from', () => {
    const random = randomStream(5, 'density test');
    const values = Float64Array.from({ length: 3000 }, () => 90 + 2 * random.normal());
    const grid = evenGrid(82, 98, 81);
    const density = gaussianDensityEstimate(values, grid);
    // The mean of the estimate is the density smoothed by the kernel; its variance is about f / (2√π n h).
    const bandwidth = silvermanBandwidth(values);
    const smoothed = Math.sqrt(4 + bandwidth * bandwidth);
    for (const [i, point] of grid.entries()) {
      const expected = Math.exp(-0.5 * ((point - 90) / smoothed) ** 2) / (smoothed * Math.sqrt(2 * Math.PI));
      const deviation = Math.sqrt(expected / (2 * Math.sqrt(Math.PI) * 3000 * bandwidth));
      expect(Math.abs((density[i] as number) - expected)).toBeLessThan(4 * deviation);
    }
  });

  it('refuses an empty sample, and one that has no spread', () => {
    expect(() => gaussianDensityEstimate(new Float64Array(0), Float64Array.of(0))).toThrow('no values');
    expect(() => gaussianDensityEstimate(Float64Array.of(3, 3, 3), Float64Array.of(0))).toThrow('bandwidth');
    expect(() => gaussianDensityEstimate(Float64Array.of(3), Float64Array.of(0))).toThrow('bandwidth');
  });
});

describe('silvermanBandwidth', () => {
  it('takes the smaller of the deviation and the scaled interquartile range', () => {
    // 1 … 5: σ = 1.5811, IQR = 2.
    expect(silvermanBandwidth(Float64Array.of(5, 3, 1, 4, 2))).toBeCloseTo(0.9 * (2 / 1.34) * 5 ** -0.2, 12);
    // A wide pair of quartiles: σ = √(4/3), IQR = 2, and 2/1.34 > σ.
    expect(silvermanBandwidth(Float64Array.of(-1, -1, 1, 1))).toBeCloseTo(0.9 * Math.sqrt(4 / 3) * 4 ** -0.2, 12);
  });

  it('falls back on the deviation where most values are tied', () => {
    const values = Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 10);
    expect(silvermanBandwidth(values)).toBeCloseTo(0.9 * Math.sqrt(10) * 10 ** -0.2, 12);
  });

  it('scales with the values and ignores their place', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.integer({ min: -10, max: 10 }), { minLength: 5, maxLength: 30 })
          .map((list) => Float64Array.from(list)),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (values, scale) => {
          const moved = values.map((value) => 3 + scale * value);
          expect(silvermanBandwidth(moved)).toBeCloseTo(scale * silvermanBandwidth(values), 10);
        },
      ),
    );
  });
});
