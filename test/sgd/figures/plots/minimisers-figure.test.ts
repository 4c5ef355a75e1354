import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../../../src/sgd/figures/drawing/render.ts';
import { minimisersFigure } from '../../../../src/sgd/figures/plots/minimisers-figure.ts';
import { MINIMISERS } from '../examples.ts';
import { panelsOf } from '../marks.ts';

describe('minimisersFigure', () => {
  it('draws what it drew before', async () => {
    const golden = `${JSON.stringify(panelsOf(await renderSvg(minimisersFigure(MINIMISERS))), null, 1)}\n`;
    await expect(golden).toMatchFileSnapshot('golden/minimisers.json');
  });

  it('says in numbers what the step does', async () => {
    const svg = await renderSvg(minimisersFigure(MINIMISERS));
    expect(panelsOf(svg).map(({ texts }) => texts.slice(0, 2))).toEqual([
      ['(a) at w', '‖u‖ = 1.848'],
      ['(b) after the step εu', '‖u′‖ = 1.301'],
      ['(c) length of the sum', 'steps along u (blue) and along v (dashed)'],
    ]);
    expect(svg).toContain('The step with ε = 0.3 takes ‖u‖ = 1.848 to 1.301.');
    expect(svg.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).toContain('‖u − v‖ = 0.012, within the 0.046');
  });

  it('says so where the theorem does not reach v', async () => {
    const svg = await renderSvg(minimisersFigure({ ...MINIMISERS, deviation: 0.05 }));
    expect(svg.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).toContain('‖u − v‖ = 0.050, beyond the 0.046');
  });

  it('draws both views at one scale, so that the step can be seen', async () => {
    const [before, after] = panelsOf(await renderSvg(minimisersFigure(MINIMISERS)));
    // The rings of the minimisers, at the same places in both.
    const rings = (panel: typeof before) =>
      panel?.shapes.filter(({ mark, path }) => mark === 'symbol' && path.includes(3.5)).map(({ at }) => at);
    expect(rings(before)).toHaveLength(4);
    expect(rings(after)).toEqual(rings(before));
  });
});
