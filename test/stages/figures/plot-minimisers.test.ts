import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import minimisers from '../../../stages/figures/plot-minimisers.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';

describe('plot-minimisers', () => {
  it('draws a step that shortens the sum of the unit vectors', async () => {
    const { svg, png } = await minimisers.run(
      contextWithoutCompute(
        {
          from: [0, 0],
          minimisers: [
            [3, 0],
            [0, 4],
          ],
          epsilon: 0.5,
          furthest: 1,
          condition: 1,
        },
        {},
      ),
    );
    // u = (1, 1); from (0.5, 0.5) the units are (2.5, −0.5)/√6.5 and (−0.5, 3.5)/√12.5: ‖u′‖ = 1.155.
    for (const text of ['‖u‖ = 1.414', '‖u′‖ = 1.155', 'ε = 0.5']) expect(svg).toContain(text);
    expect(decode(png).width).toBeGreaterThan(1000);
  });
});
