import { csvTable, markdownTable } from './text-table.ts';

/** A statement of the paper's theory as an inequality between numbers, and the numbers. */
export interface TheoryCheck {
  readonly statement: string;
  /** The data from which the two numbers were computed. */
  readonly computed: string;
  readonly measured: number;
  readonly relation: '≤' | '<' | '≥';
  readonly bound: number;
  /** Where it does not hold, if many places were checked. */
  readonly exceptions?: string;
}

export interface TheoryRow {
  readonly statement: string;
  readonly computed: string;
  readonly measured: number;
  readonly relation: string;
  readonly bound: number;
  /** The remaining share of the bound; negative where it is exceeded. */
  readonly margin: number;
  readonly verdict: 'holds' | 'does not hold';
  readonly exceptions: string | null;
}

/** How far a check is from failing, as a share of its bound. */
export function marginOf({ measured, relation, bound }: TheoryCheck): number {
  const difference = relation === '≥' ? measured - bound : bound - measured;
  return difference === 0 ? 0 : difference / Math.abs(bound);
}

/** The check of a statement that is nearest to failing, or fails by most; there is at least one. */
export function tightest(checks: readonly TheoryCheck[]): TheoryCheck {
  return checks.reduce((worst, check) => (marginOf(check) < marginOf(worst) ? check : worst));
}

export function theoryRow(check: TheoryCheck): TheoryRow {
  const { statement, computed, measured, relation, bound, exceptions = null } = check;
  const margin = marginOf(check);
  const holds = relation === '<' ? margin > 0 : margin >= 0;
  return {
    statement,
    computed,
    measured,
    relation,
    bound,
    margin,
    verdict: holds ? 'holds' : 'does not hold',
    exceptions,
  };
}

/** The checks as a Markdown table, followed by what does not hold where. */
export function theoryMarkdown(rows: readonly TheoryRow[]): string {
  const table = markdownTable(
    ['statement', 'computed', 'measured', '', 'bound', 'margin', 'verdict'],
    rows.map(({ statement, computed, measured, relation, bound, margin, verdict }) => [
      statement,
      computed,
      significant(measured),
      relation,
      significant(bound),
      `${significant(100 * margin)} %`,
      verdict,
    ]),
    2,
  );
  const notes = rows.flatMap(({ computed, exceptions }) => (exceptions ? [`- ${computed}: not at ${exceptions}`] : []));
  return notes.length === 0 ? table : `${table}\nWhere it does not hold:\n\n${notes.join('\n')}\n`;
}

/** One line for each check, at full precision. */
export function theoryCsv(rows: readonly TheoryRow[]): string {
  return csvTable(
    ['statement', 'computed', 'measured', 'relation', 'bound', 'margin', 'verdict', 'exceptions'],
    rows.map((row) => [
      row.statement,
      row.computed,
      row.measured,
      row.relation,
      row.bound,
      row.margin,
      row.verdict,
      row.exceptions,
    ]),
  );
}

/** Four digits: `0.1635`, `1.06e10`, and `1 − 7.5e−7` rather than a 1 that it is not. */
function significant(value: number): string {
  if (value < 1 && 1 - value < 5e-5) return `1 − ${significant(Number((1 - value).toPrecision(3)))}`;
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(3) : String(Number(value.toPrecision(4)));
  return text.replace('e+', 'e').replaceAll('-', '−');
}
