import { ColumnTable, desc, table, toArrow } from 'arquero';
import { describe, expect, it } from 'vitest';
import { arrow } from '../../../../src/engine/stage/codecs/arrow.ts';

const rows = () =>
  table({
    architecture: ['fnn', 'fnn', 'fnn+bn'],
    epoch: [0, 1, 150],
    kappa: [851_432.5, null, 1e-3],
    converged: [true, false, true],
  });

describe('arrow', () => {
  it('gives back columns, types and missing values', async () => {
    const decoded = await arrow.decode(await arrow.encode(rows()));
    expect(decoded.columnNames()).toEqual(['architecture', 'epoch', 'kappa', 'converged']);
    expect(decoded.objects()).toEqual(rows().objects());
  });

  it('is an Arrow IPC file', async () => {
    // The file format begins with the magic text and two bytes of padding, and ends with the magic text.
    const encoded = Buffer.from(await arrow.encode(rows()));
    expect(encoded.subarray(0, 8).toString('latin1')).toBe('ARROW1\0\0');
    expect(encoded.subarray(-6).toString('latin1')).toBe('ARROW1');
  });

  it('gives equal bytes for equal tables, also for one that was read', async () => {
    const encoded = await arrow.encode(rows());
    expect(await arrow.encode(rows())).toEqual(encoded);
    expect(await arrow.encode(await arrow.decode(encoded))).toEqual(encoded);
  });

  it('gives other bytes for another value', async () => {
    expect(await arrow.encode(rows().filter('d => d.epoch < 100'))).not.toEqual(await arrow.encode(rows()));
  });

  it('holds a table without rows', async () => {
    const empty = table({ epoch: [], kappa: [] });
    expect((await arrow.decode(await arrow.encode(empty))).numRows()).toBe(0);
  });

  it.each<[string, readonly unknown[] | Float32Array | Uint8Array | Uint32Array, string]>([
    ['whole numbers', [1, 2, 127], 'int32'],
    ['whole numbers and gaps', [1, null, -128], 'int32'],
    ['bytes', Uint8Array.of(1, 2, 255), 'int32'],
    ['the largest that fit', [-(2 ** 31), 2 ** 31 - 1], 'int32'],
    ['whole numbers that do not fit', [1, 2 ** 31], 'float64'],
    ['whole numbers of 32 bits without a sign', Uint32Array.of(1, 2 ** 32 - 1), 'float64'],
    ['-0, which no integer is', [1, -0], 'float64'],
    ['fractions', [1, 2.5], 'float64'],
    ['fractions of 32 bits', Float32Array.of(1, 0.1), 'float64'],
    ['bigints', [1n, 2n], 'int64'],
  ])('stores %s as a type that sums do not overflow', async (_, values, type) => {
    const decoded = await arrow.decode(await arrow.encode(table({ x: values })));
    const { type: stored } = decoded.column('x') as unknown as {
      type: { typeId: number; bitWidth?: number; precision?: number };
    };
    expect(stored.typeId === 2 ? `int${stored.bitWidth}` : `float${16 << (stored.precision as number)}`).toBe(type);
    expect([...decoded.array('x')]).toEqual([...values]);
  });

  it('gives back bigints, dates, and what looks like something else', async () => {
    const columns = {
      big: [2n ** 63n - 1n, -(2n ** 63n), null],
      day: [new Date(0), new Date(-864e5), null],
      time: [new Date(8.64e15), new Date(-1), null],
      text: ['', 'null', '__proto__'],
      none: [null, null, null],
    };
    const decoded = await arrow.decode(await arrow.encode(table(columns)));
    expect(Object.fromEntries(decoded.columnNames().map((name) => [name, decoded.array(name)]))).toEqual(columns);
  });

  it('keeps the rows that a filter shows, in the order of the table', async () => {
    const shown = rows().filter('d => d.epoch !== 1').orderby(desc('epoch'));
    expect((await arrow.decode(await arrow.encode(shown))).array('epoch')).toEqual([150, 0]);
  });

  it.each<[string, unknown, string]>([
    ['a number', 5, 'it must be an arquero table, and is a number'],
    ['rows', [{ a: 1 }], 'it must be an arquero table, and is an Array'],
    ['columns', { a: [1] }, 'it must be an arquero table, and is an object'],
    ['a promise', Promise.resolve(rows()), 'it must be an arquero table, and is a Promise'],
    ['a table of Arrow', toArrow(rows()), 'it must be an arquero table, and is a Table'],
    ['groups', rows().groupby('architecture'), 'the table is grouped, which Arrow cannot hold: end with .ungroup()'],
    ['mixed values', table({ a: [null, 1, 'x'] }), 'column "a" mixes numbers (row 1) with text (row 2)'],
    ['numbers and bigints', table({ a: [1, 1n] }), 'column "a" mixes numbers (row 0) with bigints (row 1)'],
    ['undefined', table({ a: [1, undefined] }), 'column "a", row 1 is undefined: use null where there is no value'],
    [
      'holes',
      table({ a: Object.assign([], { 0: 1, 2: 3 }) }),
      'column "a", row 1 is undefined: use null where there is no value',
    ],
    ['lists', table({ a: [[1, 2]] }), 'column "a", row 0 is an Array, which a column cannot hold'],
    ['objects', table({ a: [{ x: 1 }] }), 'column "a", row 0 is an object, which a column cannot hold'],
    ['functions', table({ a: [() => 1] }), 'column "a", row 0 is a function, which a column cannot hold'],
    [
      'promises inside',
      table({ a: [Promise.resolve(1)] }),
      'column "a", row 0 is a Promise, which a column cannot hold',
    ],
    [
      'bigints of more than 64 bits',
      table({ a: [2n ** 63n] }),
      'column "a", row 0 is 9223372036854775808, which 64 bits cannot hold',
    ],
    ['dates without a time', table({ a: [new Date(Number.NaN)] }), 'column "a", row 0 is a date without a time'],
    [
      'half of a surrogate pair',
      table({ a: ['\ud800'] }),
      'column "a", row 0 has half of a surrogate pair, which UTF-8 cannot hold',
    ],
    [
      'a byte order mark',
      table({ a: ['\ufeffa'] }),
      'column "a", row 0 begins with a byte order mark, which would be lost',
    ],
    ['a column twice', new ColumnTable({ a: [1] }, ['a', 'a']), 'the table has column "a" twice'],
    ['a column that is not there', new ColumnTable({ a: [1] }, ['a', 'b']), 'column "b" has no values for 1 rows'],
    ['columns of two lengths', new ColumnTable({ a: [1], b: [1, 2] }), 'column "b" has 2 values for 1 rows'],
  ])('refuses %s', async (_, bad, message) => {
    await expect(arrow.encode(bad as ColumnTable)).rejects.toThrow(new TypeError(message));
  });
});
