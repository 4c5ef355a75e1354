import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parsePattern } from '../../../src/engine/plan/node-pattern.ts';

const matches = (pattern: string, segment: string): boolean =>
  parsePattern(`stage/${pattern}`).coordinates[0]?.glob.matches(segment) === true;

it('a pattern of many wildcards answers as fast as one of few', () => {
  const name = 'a'.repeat(100_000);
  expect(matches(`${'*a'.repeat(50)}*b`, name)).toBe(false);
  expect(matches(`${'*a'.repeat(50)}*`, name)).toBe(true);
  expect(matches(`a${'*'.repeat(1000)}b`, name)).toBe(false);
});

it('pieces do not overlap', () => {
  expect(matches('ab*ba', 'aba')).toBe(false);
  expect(matches('ab*ba', 'abba')).toBe(true);
  expect(matches('*ab*b', 'ab')).toBe(false);
  expect(matches('a*', 'a')).toBe(true);
  expect(matches('a*a', 'a')).toBe(false);
});

it('property: matches what the regular expression of the pattern matches', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '+'), maxLength: 10 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(pattern, text, (glob, segment) => {
      const expression = new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      expect(matches(glob, segment)).toBe(expression.test(segment));
    }),
    { numRuns: 2000 },
  );
});
