import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endedBy, rankAtRung } from '../../../src/engine/staleness/end-rules.ts';

const stepsOf = (values: readonly number[], first = 1) =>
  values.map((value, index) => ({ step: first + index, value }));

/** The steps after which a rule ends a chain with these values, if it is asked after each. */
function endsOf(rule: Parameters<typeof endedBy>[0], values: readonly number[]): number | undefined {
  const steps = stepsOf(values);
  return steps.find((_, index) => endedBy(rule, steps.slice(0, index + 1)) !== undefined)?.step;
}

describe('a bound', () => {
  const above = { kind: 'bound', metric: 'loss', side: 'above', bound: 2, from: 1 } as const;
  const below = { ...above, side: 'below' } as const;

  it.each([
    [2, false, false],
    [2.5, true, false],
    [1.5, false, true],
    [Number.NaN, true, true],
    [Number.POSITIVE_INFINITY, true, false],
    [Number.NEGATIVE_INFINITY, false, true],
  ])('%d', (value, isAbove, isBelow) => {
    expect(endedBy(above, stepsOf([value])) !== undefined).toBe(isAbove);
    expect(endedBy(below, stepsOf([value])) !== undefined).toBe(isBelow);
  });
});

describe('patience', () => {
  const rule = (steps: number, best: 'min' | 'max' = 'min') =>
    ({ kind: 'patience', metric: 'loss', best, steps }) as const;

  it.each([
    [1, 'min', [5, 4, 4], 3],
    [2, 'min', [5, 4, 4, 4], 4],
    [2, 'min', [5, 4, 4, 3, 3, 3], 6],
    [2, 'max', [1, 2, 1, 1], 4],
    [1, 'min', [5, Number.NaN], 2],
    [2, 'min', [Number.NaN, Number.NaN, 7, 6, 5], 2],
    [3, 'min', [Number.NaN, Number.NaN, 7, 6, 5], undefined],
    [2, 'min', [3, 2, 1], undefined],
  ] as const)('of %i steps, %s of %j', (steps, best, values, end) => {
    // As Keras counts: NaN is no improvement, from the first step on.
    expect(endsOf(rule(steps, best), values)).toBe(end);
  });
});

describe('a rung', () => {
  it.each([
    [9, 3, 3],
    [8, 3, 2],
    [2, 3, 1],
    [1, 3, 1],
    [7, 2, 3],
    [5, 1.5, 3],
  ])('of %i chains, with factor %d, lets %i go on', (chains, factor, kept) => {
    expect(rankAtRung(new Array(chains).fill(1), 'min', factor).kept).toBe(kept);
  });

  it('ranks by value, NaN last, and the first of equal ones first', () => {
    expect(rankAtRung([3, Number.NaN, 1, 3, Number.POSITIVE_INFINITY], 'min', 2).ranks).toEqual([2, 5, 1, 3, 4]);
    expect(rankAtRung([3, Number.NaN, 1, 3, Number.POSITIVE_INFINITY], 'max', 2).ranks).toEqual([2, 5, 4, 3, 1]);
  });

  it('does not depend on the order of the chains, apart from equal ones', () => {
    const values = fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(values, fc.constantFrom('min', 'max'), fc.infiniteStream(fc.nat()), (all, best, draws) => {
        const distinct = all.filter((value, index) => all.indexOf(value) === index);
        const shuffled = distinct
          .map((value) => ({ value, place: draws.next().value as number }))
          .sort((a, b) => a.place - b.place)
          .map(({ value }) => value);
        const ranksOf = (list: readonly number[]) => {
          const { ranks } = rankAtRung(list, best, 2);
          return new Map(list.map((value, index) => [value, ranks[index]]));
        };
        const [one, other] = [ranksOf(distinct), ranksOf(shuffled)];
        for (const value of distinct) expect(other.get(value)).toBe(one.get(value));
        const sorted = distinct.toSorted((a, b) => (best === 'min' ? a - b : b - a));
        expect(sorted.map((value) => one.get(value))).toEqual(sorted.map((_, index) => index + 1));
      }),
    );
  });
});
