import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import norms from '../../../stages/figures/plot-norms.ts';
import { NORM_STOCHASTICITIES } from '../../sgd/figures/examples.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { storedTable } from '../stored-table.ts';

describe('plot-norms', () => {
  it('draws the curve next to gradients that cancel, whose directions do so if their norms are equal', async () => {
    const { svg, png } = await norms.run(
      contextWithoutCompute(
        { caption: 'fnn on MNIST', unequalNorms: [1.5, 1.25, 1] },
        { table: await storedTable(NORM_STOCHASTICITIES) },
      ),
    );
    // Sides 6, 5, 4: cosines of the angles between the directions −3/4, −1/8 and −9/16, so ‖Σ‖² = 3 − 2·23/16 = 1/8.
    for (const text of ['fnn on MNIST', '‖Σ ĝ/‖ĝ‖‖ = 0.00', '‖Σ ĝ/‖ĝ‖‖ = 0.35']) expect(svg).toContain(text);
    expect(decode(png).width).toBeGreaterThan(1000);
  });
});
