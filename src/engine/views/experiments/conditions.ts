import { Failure } from '../../base/failure.ts';
import { type ColumnValue, columnNamed } from './columns.ts';
import type { Experiment, ExperimentTable } from './experiment.ts';

type Columns = Pick<ExperimentTable, 'params' | 'metrics'>;
type Test = (experiment: Experiment) => boolean;

const OPERATORS: Readonly<Record<string, (value: ColumnValue, wanted: string) => boolean>> = {
  '!=': (value, wanted) => !isSame(value, wanted),
  '<=': (value, wanted) => compared(value, wanted, (difference) => difference <= 0),
  '>=': (value, wanted) => compared(value, wanted, (difference) => difference >= 0),
  '=': isSame,
  '<': (value, wanted) => compared(value, wanted, (difference) => difference < 0),
  '>': (value, wanted) => compared(value, wanted, (difference) => difference > 0),
  '~': (value, wanted) => value !== undefined && textOf(value).includes(wanted),
};

/**
 * Reads a condition such as `state=done`, `batchSize>=32`, `loss=min<0.5` or `name~wide`.
 * @throws {Failure} kind `usage` where it is none, or names no column
 */
export function parseCondition(text: string, columns: Columns): Test {
  let problem: unknown;
  // The last division first: a column may itself have an equals sign (`loss=min<0.5`).
  for (const { 0: operator, index } of [...text.matchAll(/!=|<=|>=|[=<>~]/g)].toReversed()) {
    try {
      const column = columnNamed(text.slice(0, index).trim(), columns);
      const wanted = text.slice(index + operator.length).trim();
      const holds = OPERATORS[operator];
      if (holds) return (experiment) => holds(column.value(experiment), wanted);
    } catch (error) {
      problem = error;
    }
  }
  if (problem !== undefined) throw problem;
  throw new Failure('usage', {
    fact: `"${text}" is no condition`,
    fix: "write a column, one of = != < <= > >= ~ (contains), and a value, in quotes for the shell: 'state=done', 'lr>0.1'",
  });
}

/**
 * Compares two experiments by a column, `NAME` or `NAME:desc`. Those that have nothing in it come last, in either direction.
 * @throws {Failure} kind `usage` where there is no such column
 */
export function orderBy(text: string, columns: Columns): (a: Experiment, b: Experiment) => number {
  const [, name = '', direction] = /^(.*?)(?::(asc|desc))?$/.exec(text) ?? [];
  const { value } = columnNamed(name, columns);
  const sign = direction === 'desc' ? -1 : 1;
  return (first, second) => {
    const [a, b] = [value(first), value(second)].map(ordered);
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return sign * difference(a, b);
  };
}

/** NaN is no better than nothing. */
function ordered(value: ColumnValue): number | string | undefined {
  const number = numberOf(value);
  if (number !== undefined) return number;
  return value === undefined || value === null || value === 'NaN' ? undefined : textOf(value);
}

function difference(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : Number(a > b);
  // Numbers before texts.
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}

function compared(value: ColumnValue, wanted: string, holds: (difference: number) => boolean): boolean {
  const [a, b] = [ordered(value), numberOf(wanted) ?? wanted];
  return a !== undefined && typeof a === typeof b && holds(difference(a, b));
}

function isSame(value: ColumnValue, wanted: string): boolean {
  if (value === undefined) return wanted === '';
  const [a, b] = [numberOf(value), numberOf(wanted)];
  if (a !== undefined && b !== undefined) return a === b;
  const text = textOf(value);
  return text === wanted || text.split(', ').includes(wanted);
}

/** Numbers may be texts, as metrics are that JSON cannot hold. */
function numberOf(value: ColumnValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

export function textOf(value: ColumnValue): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}
