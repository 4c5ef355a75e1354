import type { JsonValue } from '../../../base/json.ts';
import type { Preview } from '../protocol.ts';

type TablePreview = Omit<Extract<Preview, { kind: 'table' }>, 'digest' | 'type' | 'bytes'>;

const COLUMNS_SHOWN = 200;
const MOST_ROWS = 500;
const LONGEST_TEXT = 500;

interface Table {
  numRows(): number;
  columnNames(): readonly string[];
  get(name: string, row: number): unknown;
}

/** Rows of a table. @param rows how many it has; null where only its beginning was read */
function tablePreview(table: Table, offset: number, limit: number, rows: number | null): TablePreview {
  const names = table.columnNames().slice(0, COLUMNS_SHOWN);
  const from = Math.min(Math.max(0, offset), table.numRows());
  const to = Math.min(table.numRows(), from + Math.min(limit, MOST_ROWS));
  const values = names.map((name) => {
    const column: JsonValue[] = [];
    for (let row = from; row < to; row++) column.push(cell(table.get(name, row)));
    return column;
  });
  const columns = names.map((name, at) => ({ name, type: typeOf(values[at] ?? []) }));
  return { kind: 'table', columns, rows, offset: from, values };
}

/** CSV, or its beginning, without the last line if that may be cut off. */
export async function csvPreview(text: string, isWhole: boolean, offset: number, limit: number): Promise<TablePreview> {
  const whole = isWhole ? text : text.slice(0, text.lastIndexOf('\n') + 1);
  const { fromCSV } = await import('arquero');
  const table = fromCSV(whole, { autoType: false }) as unknown as Table;
  return tablePreview(table, offset, limit, isWhole ? table.numRows() : null);
}

export async function arrowPreview(bytes: Uint8Array, offset: number, limit: number): Promise<TablePreview> {
  const { fromArrow } = await import('arquero');
  try {
    const table = fromArrow(bytes, { useBigInt: true }) as unknown as Table;
    return tablePreview(table, offset, limit, table.numRows());
  } catch (error) {
    throw new TypeError(`these bytes are no table of Arrow (${(error as Error).message})`, { cause: error });
  }
}

function cell(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  if (value instanceof Date) return value.toISOString();
  const text =
    typeof value === 'object'
      ? JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each))
      : String(value);
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

function typeOf(values: readonly JsonValue[]): string {
  const found = values.find((value) => value !== null);
  return found === undefined ? 'unknown' : typeof found;
}
