import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../../../src/sgd/figures/drawing/render.ts';
import { directionsFigure } from '../../../../src/sgd/figures/plots/directions-figure.ts';
import { DIRECTIONS } from '../examples.ts';
import { panelsOf } from '../marks.ts';

const svg = () => renderSvg(directionsFigure([0, 1], DIRECTIONS));

describe('directionsFigure', () => {
  it('draws what it drew before', async () => {
    const golden = `${JSON.stringify(panelsOf(await svg()), null, 1)}\n`;
    await expect(golden).toMatchFileSnapshot('golden/directions.json');
  });

  it('titles each panel with κ, and compares the length of the samples’ mean with that of the distribution', async () => {
    const panels = panelsOf(await svg());
    // (1, 0.6)/4 and (0.6, 3.72)/4
    expect(panels.map(({ texts }) => texts.slice(0, 2))).toEqual([
      ['(a) κ = 0', 'r̄ = 0.292, A₂(κ) = 0.000'],
      ['(b) κ = 5', 'r̄ = 0.942, A₂(κ) = 0.893'],
    ]);
    expect(await svg()).toContain('4 samples of VMF(µ, κ) on the unit circle; arrow: µ = (0, 1).');
  });

  it('puts every sample on the circle', async () => {
    const [panel] = panelsOf(await svg());
    const symbols = panel?.shapes.filter(({ mark }) => mark === 'symbol') ?? [];
    const [circle, , ...samples] = symbols;
    const [x = 0, y = 0] = circle?.at ?? [];
    const radius = Math.max(...(circle?.path ?? []));
    expect(samples).toHaveLength(4);
    for (const { at } of samples) expect(Math.hypot((at[0] ?? 0) - x, (at[1] ?? 0) - y)).toBeCloseTo(radius, 0);
  });
});
