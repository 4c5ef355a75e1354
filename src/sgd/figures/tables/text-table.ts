/** The line below every heading needs at least one dash next to the colon that sets its column flush right: without it, there is no table. */
const NARROWEST = 3;

/**
 * A Markdown table (of GFM), padded so that it reads as plain text too. The first columns, of text, are flush left, the others right. A bar in a cell is
 * escaped so that it does not end the cell.
 */
export function markdownTable(
  names: readonly string[],
  cells: readonly (readonly string[])[],
  textColumns = 1,
): string {
  const [headings, rows] = [names.map(cellText), cells.map((row) => row.map(cellText))];
  const widths = headings.map((heading, column) =>
    Math.max(NARROWEST, heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, column) => (column < textColumns ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column < textColumns ? ` ${'-'.repeat(width)} ` : ` ${'-'.repeat(width - 1)}: `)).join('|')}|`;
  return `${[line(headings), rule, ...rows.map(line)].join('\n')}\n`;
}

function cellText(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\|]/g, '\\$&');
}

/** A correlation or a ratio in a Markdown table; a dash where it is undefined. */
export function decimals(value: number | null): string {
  return value === null ? '–' : value.toFixed(3).replace('-', '−');
}

/** CSV (RFC 4180, line feeds); null is an empty cell. */
export function csvTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number | null | undefined)[])[],
): string {
  const line = (cells: readonly (string | number | null | undefined)[]) =>
    cells.map((cell) => quote(String(cell ?? ''))).join(',');
  return `${[headings, ...rows].map(line).join('\n')}\n`;
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
