import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import trajectories from '../../../stages/figures/plot-trajectories.ts';
import { TRAJECTORIES } from '../../sgd/figures/examples.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { storedTable } from '../stored-table.ts';

describe('plot-trajectories', () => {
  it('draws the table as SVG and PNG, with the correlations of its rows', async () => {
    const { svg, png } = await trajectories.run(
      contextWithoutCompute(
        { caption: 'Seed 1. A caption', architectures: ['cnn', 'cnn+res+bn'] },
        { table: await storedTable(TRAJECTORIES) },
      ),
    );
    for (const text of ['(a) cnn', '(c) cnn+res+bn', 'Seed 1. A caption.', 'κ̂: 0.983']) expect(svg).toContain(text);
    expect(decode(png).width).toBeGreaterThan(1000);
  });
});
