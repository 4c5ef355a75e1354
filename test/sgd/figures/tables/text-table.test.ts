import fc from 'fast-check';
import { marked, type Tokens } from 'marked';
import { expect, it } from 'vitest';
import { textWidth } from '../../../../src/sgd/figures/drawing/font.ts';
import { correlationMarkdown } from '../../../../src/sgd/figures/tables/correlation.ts';
import { markdownTable } from '../../../../src/sgd/figures/tables/text-table.ts';
import { theoryMarkdown, theoryRow } from '../../../../src/sgd/figures/tables/theory.ts';

/** The table that a Markdown parser finds in a text; texts of cells as HTML. */
function tableIn(text: string): { readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const tables = marked.lexer(text).filter((token): token is Tokens.Table => token.type === 'table');
  expect(tables).toHaveLength(1);
  const [table] = tables;
  const texts = (row: readonly Tokens.TableCell[] = []) => row.map((cell) => marked.Parser.parseInline(cell.tokens));
  return { header: texts(table?.header), rows: (table?.rows ?? []).map(texts) };
}

const cell = fc
  .string({ unit: fc.constantFrom('|', '\\', 'a', 'κ̂', '‖', ' ', '\n', '1') })
  .filter((text) => text.trim() !== '');

it('a table is one whatever its cells hold', () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 4 }), (rows) => {
      const found = tableIn(markdownTable(['one', 'two', '|3|'], rows));
      expect(found.header).toEqual(['one', 'two', '|3|']);
      expect(found.rows).toEqual(rows.map((row) => row.map((text) => text.replaceAll(/\s+/g, ' ').trim())));
    }),
    { numRuns: 200, seed: 1 },
  );
});

it('the table of the theory has seven columns, whatever bars its statements have', () => {
  const check = {
    statement: '|√d(θ − 90) − z| is small',
    computed: '|f(x)| ≤ |x|',
    measured: 1,
    relation: '≤' as const,
  };
  const { header, rows } = tableIn(theoryMarkdown([theoryRow({ ...check, bound: 2 })]));
  expect(header).toHaveLength(7);
  expect(rows[0]?.slice(0, 2)).toEqual([check.statement, check.computed]);
});

it('the table of correlations is no wider than a page of the report', () => {
  const row = {
    architecture: 'cnn+res+bn',
    seed: 5,
    checkpoints: 100,
    ...{ spearmanKappa: -0.123, spearmanNormSnr: -0.123, pearsonKappa: -0.123, pearsonNormSnr: -0.123 },
    ...{ spearmanVerdict: 'does not exceed' as const, pearsonVerdict: 'equals' as const },
  };
  const { header, rows } = tableIn(correlationMarkdown([row]));
  // As ui/style sets it on a page of 1280 pixels: tables at 0.92 of 16 pixels, with 1.1rem at the side of a cell and 1.5rem at the sides of the page.
  const size = 0.92 * 16;
  const widths = header.map((name, column) =>
    Math.max(textWidth(name, size, 600), ...rows.map((cells) => textWidth(cells[column] ?? '', size))),
  );
  const total = widths.reduce((sum, width) => sum + width + 1.1 * 16, 0);
  expect(total).toBeLessThan(1280 - 2 * 1.5 * 16);
});
