import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachOf, rangesOf } from '../../../../src/engine/run/live/ranges.ts';

describe('ranges of numbers', () => {
  it('are few for neighbours', () => {
    expect(rangesOf([3, 1, 2, 7])).toEqual([1, 3, 7, 7]);
    expect(rangesOf([])).toEqual([]);
  });

  it('hold the same numbers', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200)), (numbers) => {
        const found: number[] = [];
        eachOf(rangesOf(numbers), (number) => found.push(number));
        expect(found).toEqual([...numbers].sort((a, b) => a - b));
      }),
    );
  });
});
