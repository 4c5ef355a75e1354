import type { Cell, Column } from './long-table.ts';

/** Rows at one time: the text of a large table is longer than a JavaScript string can be. */
const PART_ROWS = 10_000;

/** The columns as CSV (RFC 4180, with LF), in UTF-8. */
export function csvOf(columns: readonly Column[]): Buffer {
  const rows = columns[0]?.cells.length ?? 0;
  const parts = [Buffer.from(`${columns.map(({ name }) => field(name)).join(',')}\n`)];
  for (let start = 0; start < rows; start += PART_ROWS) {
    const length = Math.min(PART_ROWS, rows - start);
    const lines = Array.from(
      { length },
      (_, index) => `${columns.map(({ cells }) => field(cells[start + index] ?? null)).join(',')}\n`,
    );
    parts.push(Buffer.from(lines.join('')));
  }
  return Buffer.concat(parts);
}

function field(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
