import { fromCSV } from 'arquero';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvOf } from '../../../../src/engine/views/metrics/csv.ts';

it('another reader finds the same cells', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' ', '\t', ';', '0') });
  const cells = fc.array(fc.tuple(text, text), { minLength: 1 });
  fc.assert(
    fc.property(cells, (rows) => {
      const columns = [0, 1].map((index) => ({ name: `"${index}"`, cells: rows.map((row) => row[index] as string) }));
      const table = fromCSV(csvOf(columns).toString(), { autoType: false });
      expect(table.columnNames()).toEqual(['"0"', '"1"']);
      const read = rows.map((_, row) => columns.map(({ name }) => table.get(name, row) ?? ''));
      expect(read).toEqual(rows);
    }),
  );
});

it('has every row of a long table, and nothing where there is no value', () => {
  const cells = Array.from({ length: 25_001 }, (_, index) => (index % 2 === 0 ? index / 3 : null));
  const lines = csvOf([{ name: 'value', cells }])
    .toString()
    .split('\n');
  expect(lines).toEqual(['value', ...cells.map((cell) => String(cell ?? '')), '']);
});
