import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { directions, minimisers } from '../../stages/illustrate.ts';
import { contextWithoutCompute } from './context-without-compute.ts';

describe('directions', () => {
  const params = { seed: 1, meanDirection: [1, 0] as [number, number], kappas: [0, 5, 50], samples: 100 };

  it('draws samples of each concentration, the same each time', async () => {
    const [first, second] = [
      await directions.run(contextWithoutCompute(params, {})),
      await directions.run(contextWithoutCompute(params, {})),
    ];
    for (const text of ['(a) κ = 0', '(b) κ = 5', '(c) κ = 50', 'A₂(κ) = 0.893', 'A₂(κ) = 0.990', '100 samples']) {
      expect(first.svg).toContain(text);
    }
    expect(second.svg).toBe(first.svg);
    expect(decode(first.png).width).toBeGreaterThan(1000);
  });

  it('draws others for another seed', async () => {
    const [first, second] = [
      await directions.run(contextWithoutCompute(params, {})),
      await directions.run(contextWithoutCompute({ ...params, seed: 2 }, {})),
    ];
    expect(second.svg).not.toBe(first.svg);
  });
});

describe('minimisers', () => {
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
