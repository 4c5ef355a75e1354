import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPower, formatThousands, logTicks } from '../../../../src/sgd/figures/drawing/ticks.ts';

describe('logTicks', () => {
  it.each([
    { domain: [9e3, 1.2e6], most: 7, major: [1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6] },
    { domain: [0.9, 170], most: 8, major: [1, 2, 5, 10, 20, 50, 100] },
    { domain: [2e3, 6e5], most: 7, major: [3e3, 1e4, 3e4, 1e5, 3e5] },
    { domain: [0.9, 1.1e5], most: 7, major: [1, 10, 100, 1e3, 1e4, 1e5] },
    { domain: [0.9, 1.1e11], most: 6, major: [1, 100, 1e4, 1e6, 1e8, 1e10] },
    { domain: [2.2e4, 8e4], most: 7, major: [3e4, 5e4, 7e4] },
    { domain: [6.1e4, 6.9e4], most: 5, major: [6.2e4, 6.4e4, 6.6e4, 6.8e4] },
  ])('labels $domain at round numbers', ({ domain, most, major }) => {
    expect(logTicks(domain as [number, number], most).major).toEqual(major);
  });

  it('puts short ticks at the other digits', () => {
    expect(logTicks([0.9, 21], 5).minor).toEqual([0.9, 3, 4, 6, 7, 8, 9]);
  });

  it('always has two to the allowed number of labels inside the domain', () => {
    const domains = fc.tuple(
      fc.double({ min: -8, max: 12, noNaN: true }),
      fc.double({ min: 0.005, max: 14, noNaN: true }),
    );
    fc.assert(
      fc.property(domains, fc.integer({ min: 5, max: 10 }), ([start, decades], most) => {
        const [low, high] = [10 ** start, 10 ** (start + decades)];
        const { major, minor } = logTicks([low, high], most);
        expect(major.length).toBeGreaterThanOrEqual(2);
        expect(major.length).toBeLessThanOrEqual(most);
        expect(major).toEqual([...new Set(major)].sort((a, b) => a - b));
        for (const tick of [...major, ...minor])
          expect(tick >= low * (1 - 1e-12) && tick <= high * (1 + 1e-12)).toBe(true);
        expect(minor.some((tick) => major.includes(tick))).toBe(false);
      }),
      { numRuns: 1000, examples: [[[0.0009, 0.22], 5]] },
    );
  });

  it('refuses an axis that no logarithm has', () => {
    expect(() => logTicks([0, 10], 5)).toThrow(RangeError);
    expect(() => logTicks([10, 10], 5)).toThrow(RangeError);
  });
});

describe('labels', () => {
  it('writes powers of ten with superscripts', () => {
    expect([1, 10, 1e5, 2e5, 1.5e-3, 1e-12, 6.2e4].map(formatPower)).toEqual([
      '10⁰',
      '10¹',
      '10⁵',
      '2×10⁵',
      '1.5×10⁻³',
      '10⁻¹²',
      '6.2×10⁴',
    ]);
  });

  it('groups thousands', () => {
    expect([1, 100, 1000, 635_200, 1_915_200, 1234.5678].map(formatThousands)).toEqual([
      '1',
      '100',
      '1,000',
      '635,200',
      '1,915,200',
      '1,234.5678',
    ]);
  });
});
