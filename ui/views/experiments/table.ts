import type { ExperimentRow } from '../../../src/engine/views/live/protocol.ts';
import { formatNumber, type Numeric } from '../../format/numbers.ts';
import { formatClock, formatSeconds } from '../../format/time.ts';

/** A column of the table of experiments. */
export interface Column {
  /** In addresses and filters: `name`, `param:lr`, `metric:loss`. */
  readonly id: string;
  readonly label: string;
  readonly kind: 'text' | 'number';
  /** What is sorted and compared. */
  value(row: ExperimentRow): string | number | undefined;
  text(row: ExperimentRow): string;
}

const FIXED: readonly Column[] = [
  {
    id: 'name',
    label: 'run',
    kind: 'text',
    value: ({ name, run }) => name ?? run,
    text: ({ name, run }) => name ?? run,
  },
  { id: 'state', label: 'state', kind: 'text', value: ({ state }) => state, text: ({ state }) => state },
  {
    id: 'reason',
    label: 'reason',
    kind: 'text',
    value: ({ reason }) => reason ?? undefined,
    text: ({ reason }) => reason ?? '',
  },
  {
    id: 'started',
    label: 'started',
    kind: 'number',
    value: ({ startedAt }) => Date.parse(startedAt),
    text: ({ startedAt }) => formatClock(startedAt),
  },
  {
    id: 'seconds',
    label: 'time',
    kind: 'number',
    value: ({ seconds }) => seconds,
    text: ({ seconds }) => formatSeconds(seconds),
  },
  {
    id: 'targets',
    label: 'targets',
    kind: 'text',
    value: ({ targets }) => targets.join(' '),
    text: ({ targets }) => targets.join(', '),
  },
  { id: 'note', label: 'note', kind: 'text', value: ({ note }) => note ?? undefined, text: ({ note }) => note ?? '' },
  {
    id: 'tags',
    label: 'tags',
    kind: 'text',
    value: ({ tags }) => (tags.length > 0 ? tags.join(' ') : undefined),
    text: ({ tags }) => tags.join(', '),
  },
];

/** Columns that are shown unless others are chosen, in addition to params and metrics. */
const USUAL = ['name', 'state', 'started', 'seconds'];

/** All columns that a table may have. */
export function columnsFor(params: readonly string[], metrics: readonly string[]): readonly Column[] {
  return [...FIXED, ...params.map(paramColumn), ...metrics.map(metricColumn)];
}

/** The chosen columns in their usual order; without a choice, the usual ones, with reasons where a run has one. */
export function chosenColumns(
  columns: readonly Column[],
  chosen: string | undefined,
  rows: readonly ExperimentRow[],
): readonly Column[] {
  const wanted = new Set(chosen?.split(',') ?? USUAL);
  if (chosen) return columns.filter(({ id }) => wanted.has(id));
  if (rows.some(({ reason }) => reason !== null)) wanted.add('reason');
  return columns.filter(({ id }) => wanted.has(id) || id.includes(':'));
}

function paramColumn(path: string): Column {
  return {
    id: `param:${path}`,
    label: path.split('.').at(-1) ?? path,
    kind: 'number',
    value: ({ params }) => {
      const value = params[path];
      return typeof value === 'number' || typeof value === 'string'
        ? value
        : value === undefined
          ? undefined
          : JSON.stringify(value);
    },
    text: ({ params }) => {
      const value = params[path];
      if (value === undefined) return '';
      return typeof value === 'number'
        ? formatNumber(value)
        : typeof value === 'string'
          ? value
          : JSON.stringify(value);
    },
  };
}

function metricColumn(name: string): Column {
  return {
    id: `metric:${name}`,
    label: name,
    kind: 'number',
    value: ({ metrics }) => {
      const last = metrics[name]?.last;
      return last === undefined ? undefined : Number(last);
    },
    text: ({ metrics }) => {
      const last = metrics[name]?.last;
      return last === undefined ? '' : formatNumber(last as Numeric);
    },
  };
}

/** `lr>0.01 state=failed wide`: all of its words have to be true of a row. */
export function filterRows(
  rows: readonly ExperimentRow[],
  columns: readonly Column[],
  filter: string,
): readonly ExperimentRow[] {
  const tests = filter
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => testOf(word, columns));
  return tests.length === 0 ? rows : rows.filter((row) => tests.every((test) => test(row)));
}

type Test = (row: ExperimentRow) => boolean;

function testOf(word: string, columns: readonly Column[]): Test {
  const [, name, operator, wanted] = /^([^<>=!]+)(<=|>=|!=|=|<|>)(.+)$/.exec(word) ?? [];
  const column = columns.find(
    ({ id, label }) => name !== undefined && (label === name || id === name || id.endsWith(`:${name}`)),
  );
  if (!column || operator === undefined || wanted === undefined) {
    const text = word.toLowerCase();
    return (row) => columns.some((each) => each.text(row).toLowerCase().includes(text));
  }
  return (row) => {
    const value = column.value(row);
    if (value === undefined) return operator === '!=';
    return compares(
      compare(value, Number.isNaN(Number(wanted)) || typeof value === 'string' ? wanted : Number(wanted)),
      operator,
    );
  };
}

function compares(order: number, operator: string): boolean {
  if (Number.isNaN(order)) return operator === '!=';
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** NaN where numbers cannot be compared. */
function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** `seconds` ascending, `-seconds` descending. Rows without a value, or with NaN, come last either way; equal rows keep their order. */
export function sortRows(
  rows: readonly ExperimentRow[],
  columns: readonly Column[],
  sort: string | undefined,
): readonly ExperimentRow[] {
  const column = columns.find(({ id }) => id === sort?.replace(/^-/, ''));
  if (!column || sort === undefined) return rows;
  const direction = sort.startsWith('-') ? -1 : 1;
  const missing = (value: string | number | undefined) => value === undefined || Number.isNaN(value);
  return [...rows].sort((a, b) => {
    const [left, right] = [column.value(a), column.value(b)];
    if (missing(left) || missing(right)) return Number(missing(left)) - Number(missing(right));
    return direction * compare(left as string | number, right as string | number);
  });
}
