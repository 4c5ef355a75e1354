import { describe, expect, it } from 'vitest';
import {
  marginOf,
  type TheoryCheck,
  theoryCsv,
  theoryMarkdown,
  theoryRow,
  tightest,
} from '../../../../src/sgd/figures/tables/theory.ts';

const check = (measured: number, relation: TheoryCheck['relation'], bound: number): TheoryCheck => ({
  statement: 'a statement',
  computed: `with ${measured}`,
  measured,
  relation,
  bound,
});

describe('theoryRow', () => {
  it.each([
    [1, '≤', 4, 0.75, 'holds'],
    [4, '≤', 4, 0, 'holds'],
    [5, '≤', 4, -0.25, 'does not hold'],
    [4, '<', 4, 0, 'does not hold'],
    [1, '≥', 1, 0, 'holds'],
    [0.75, '≥', 1, -0.25, 'does not hold'],
  ] as const)('%d %s %d has the margin %d: it %s', (measured, relation, bound, margin, verdict) => {
    expect(theoryRow(check(measured, relation, bound))).toMatchObject({ margin, verdict, exceptions: null });
  });
});

describe('tightest', () => {
  it('is the check with the least margin', () => {
    const checks = [check(1, '≤', 4), check(3, '≤', 4), check(20, '≤', 100)];
    expect(tightest(checks)).toBe(checks[1]);
    expect(marginOf(tightest(checks))).toBe(0.25);
  });
});

describe('the table of the theory', () => {
  const rows = [
    theoryRow(check(0.0001234567, '≤', 4e7)),
    theoryRow(check(1 - 7.5e-7, '<', 1)),
    theoryRow({ ...check(0.9, '≥', 1), exceptions: 'seed 1, epoch 2 to 3' }),
  ];

  it('is Markdown, with a list of where a statement does not hold', () => {
    const lines = theoryMarkdown(rows).split('\n');
    const cells = (line = '') =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
    expect(cells(lines[2])).toEqual(['a statement', 'with 0.0001234567', '1.235e−4', '≤', '4.000e7', '100 %', 'holds']);
    expect(cells(lines[3])[2]).toBe('1 − 7.500e−7');
    expect(cells(lines[4])).toEqual(['a statement', 'with 0.9', '0.9', '≥', '1', '−10 %', 'does not hold']);
    expect(lines.slice(6)).toEqual(['Where it does not hold:', '', '- with 0.9: not at seed 1, epoch 2 to 3', '']);
  });

  it('is CSV at full precision', () => {
    const [, first, , second] = theoryCsv(rows).split('\n');
    expect(first).toMatch(/^a statement,with 0\.0001234567,0\.0001234567,≤,40000000,0\.9999\d*,holds,$/);
    expect(second).toMatch(/^a statement,with 0\.9,0\.9,≥,1,-0\.09\d*,does not hold,"seed 1, epoch 2 to 3"$/);
  });
});
