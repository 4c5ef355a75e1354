import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counted, formatBytes, formatCount, formatNumber, formatShare } from '../../../ui/format/numbers.ts';

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [12345, '12345'],
    [0.1 + 0.2, '0.3'],
    [123456.7, '123457'],
    [0.00012345, '0.0001234'],
    [1.5e-7, '1.5e−7'],
    [-2.5, '−2.5'],
    [6.02e23, '6.02e23'],
    [Number.NaN, 'NaN'],
    ['NaN', 'NaN'],
    ['-Infinity', '−∞'],
    [Number.POSITIVE_INFINITY, '∞'],
    [null, '–'],
    [undefined, '–'],
  ] as const)('writes %s as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('loses at most what its digits cannot say', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), (value) => {
        const read = Number(formatNumber(value).replaceAll('−', '-'));
        expect(Math.abs(read - value)).toBeLessThanOrEqual(Math.abs(value) * 6e-4);
      }),
    );
  });
});

describe('formatShare', () => {
  it('says 100 % of what is complete only, and 0 % of what has not begun', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }), (whole, part) => {
        fc.pre(part <= whole);
        expect(formatShare(part, whole) === '100 %').toBe(part === whole);
        expect(formatShare(part, whole) === '0 %').toBe(part === 0);
      }),
    );
    expect(formatShare(0, 0)).toBe('–');
  });
});

it('counts, and writes sizes with one digit', () => {
  expect(formatCount(1234567)).toBe('1,234,567');
  expect(counted(1, 'node')).toBe('1 node');
  expect(counted(12_000, 'node')).toBe('12,000 nodes');
  expect([999, 1000, 999_949, 999_950, 12_345_678].map(formatBytes)).toEqual([
    '999 B',
    '1.0 kB',
    '999.9 kB',
    '1.0 MB',
    '12.3 MB',
  ]);
});
