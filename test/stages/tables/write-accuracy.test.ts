import { describe, expect, it } from 'vitest';
import accuracy from '../../../stages/tables/write-accuracy.ts';
import { ACCURACIES } from '../../sgd/figures/examples.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { storedTable } from '../stored-table.ts';

describe('write-accuracy', () => {
  it('writes the table as Markdown and CSV', async () => {
    const { markdown, csv } = await accuracy.run(contextWithoutCompute({}, { table: await storedTable(ACCURACIES) }));
    expect(markdown).toMatch(/^\| fnn +\| 98\.12 ± 0\.04 \|/m);
    expect(csv).toContain('\ncnn+res+bn,72.7,,1,4.5,72.71,1.02,');
  });
});
