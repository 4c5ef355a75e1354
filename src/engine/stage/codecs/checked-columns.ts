import { types } from 'node:util';
import type { ColumnTable } from 'arquero';
import { describeValue } from './describe-value.ts';
import { loneSurrogate } from './lone-surrogate.ts';

/** How a column of numbers is stored. */
export type NumberType = 'int32' | 'float64';

/** A column's values in the table's order, without filtered rows. */
export interface CheckedColumn {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly numbers: NumberType | undefined;
}

type Kind = 'text' | 'numbers' | 'bigints' | 'true and false' | 'dates';

const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** @throws {TypeError} for a value that is no table, or that an Arrow file would not give back, with column and row */
export function checkedColumns(value: unknown): readonly CheckedColumn[] {
  if (!isTable(value)) throw new TypeError(`it must be an arquero table, and is ${describeValue(value)}`);
  if (value.isGrouped()) throw new TypeError('the table is grouped, which Arrow cannot hold: end with .ungroup()');
  const names = value.columnNames();
  return names.map((name, index) => {
    checkName(name, names.indexOf(name) < index);
    const column = value.column(name);
    if (column?.length !== value.totalRows()) {
      throw new TypeError(
        `column ${JSON.stringify(name)} has ${column?.length ?? 'no'} values for ${value.totalRows()} rows`,
      );
    }
    const values: unknown[] = [];
    // In the order of the table, without filtered rows.
    value.scan((row) => values.push(column.at(row ?? 0)), true);
    return { name, values, numbers: checkValues(name, values) };
  });
}

/** Checks the interface: the stage's copy of arquero may differ from the codec's. */
function isTable(value: unknown): value is ColumnTable {
  const methods = ['columnNames', 'column', 'totalRows', 'isGrouped', 'scan'] as const;
  const table = value as Partial<ColumnTable> | null | undefined;
  return typeof table === 'object' && table !== null && methods.every((method) => typeof table[method] === 'function');
}

function checkName(name: string, isRepeated: boolean): void {
  const named = `column ${JSON.stringify(name)}`;
  if (isRepeated) throw new TypeError(`the table has ${named} twice`);
  if (name === '__proto__') throw new TypeError(`${named} has a reserved name: use another name`);
  const fault = textFault(name);
  if (fault) throw new TypeError(`the name of ${named} ${fault}`);
}

/** @returns how to store them, if they are numbers */
function checkValues(name: string, values: readonly unknown[]): NumberType | undefined {
  let first: { readonly kind: Kind; readonly row: number } | undefined;
  let numbers: NumberType = 'int32';
  values.forEach((value, row) => {
    if (value === null) return;
    const place = `column ${JSON.stringify(name)}, row ${row}`;
    const kind = kindOf(value);
    if (value === undefined) throw new TypeError(`${place} is undefined: use null where there is no value`);
    if (!kind) throw new TypeError(`${place} is ${describeValue(value)}, which a column cannot hold`);
    first ??= { kind, row };
    if (kind !== first.kind) {
      throw new TypeError(
        `column ${JSON.stringify(name)} mixes ${first.kind} (row ${first.row}) with ${kind} (row ${row})`,
      );
    }
    const fault = faultOf(value);
    if (fault) throw new TypeError(`${place} ${fault}`);
    if (typeof value === 'number' && !((value | 0) === value && !Object.is(value, -0))) numbers = 'float64';
  });
  return (first as { readonly kind: Kind } | undefined)?.kind === 'numbers' ? numbers : undefined;
}

function kindOf(value: unknown): Kind | undefined {
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return 'numbers';
    case 'bigint':
      return 'bigints';
    case 'boolean':
      return 'true and false';
    default:
      return types.isDate(value) ? 'dates' : undefined;
  }
}

function faultOf(value: unknown): string | undefined {
  if (typeof value === 'string') return textFault(value);
  if (typeof value === 'bigint') {
    return value < INT64.least || value > INT64.most ? `is ${value}, which 64 bits cannot hold` : undefined;
  }
  return types.isDate(value) && Number.isNaN(value.getTime()) ? 'is a date without a time' : undefined;
}

function textFault(text: string): string | undefined {
  if (loneSurrogate(text) !== undefined) return 'has half of a surrogate pair, which UTF-8 cannot hold';
  return text.startsWith('\ufeff') ? 'begins with a byte order mark, which would be lost' : undefined;
}
