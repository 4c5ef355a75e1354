import { type ColumnTable, table } from 'arquero';
import { Failure } from '../../src/engine/stage/index.ts';

/**
 * Reads a table's rows. Their values are trusted to have the types that the table's own stage declares.
 *
 * @param input names the table in a failure
 * @throws {Failure} kind `stage` for a table without one of the columns
 */
export function rowsOf<Row>(
  input: string,
  source: ColumnTable,
  columns: readonly (keyof Row & string)[],
): readonly Row[] {
  const present = source.columnNames();
  const missing = columns.filter((column) => !present.includes(column));
  if (missing.length > 0) {
    throw new Failure('stage', {
      fact: `the table of the input "${input}" has no column ${missing.map((name) => `"${name}"`).join(', ')}; it has ${present.join(', ')}`,
      fix: `bind "${input}" to the output of the stage that makes this table`,
    });
  }
  return source.objects({ limit: Number.POSITIVE_INFINITY }) as Row[];
}

/** A table whose columns are the fields of the first row; `rows` is not empty. */
export function tableOf<Row extends object>(rows: readonly Row[]): ColumnTable {
  const names = Object.keys(rows[0] ?? {}) as (keyof Row & string)[];
  return table(Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])])), names);
}

/** The same as CSV, with a line feed at the end. */
export function csvOf<Row extends object>(rows: readonly Row[]): string {
  return `${tableOf(rows).toCSV().trimEnd()}\n`;
}
