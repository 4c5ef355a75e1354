import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../../../src/sgd/figures/drawing/render.ts';
import { normStochasticityFigure } from '../../../../src/sgd/figures/plots/norm-stochasticity-figure.ts';
import { BALANCED, NORM_STOCHASTICITIES } from '../examples.ts';
import { panelsOf } from '../marks.ts';

const draw = async (rows = NORM_STOCHASTICITIES) =>
  panelsOf(await renderSvg(normStochasticityFigure(rows, BALANCED, 'Scale.')));

describe('normStochasticityFigure', () => {
  it('draws what it drew before', async () => {
    const golden = `${JSON.stringify(await draw(), null, 1)}\n`;
    await expect(golden).toMatchFileSnapshot('golden/norm-stochasticity.json');
  });

  it('labels the sizes as powers of two, at most six of them', async () => {
    const [panel] = await draw();
    expect(panel?.axisLabels.filter((label) => label.startsWith('2'))).toEqual(['2⁰', '2²', '2⁴', '2⁶', '2⁸', '2¹⁰']);
  });

  it('says of how many points the band is, and has none for one', async () => {
    const [two] = await draw();
    expect(two?.texts).toContain('at 2 random points');
    expect(two?.shapes.filter(({ mark }) => mark === 'area')).toHaveLength(1);
    const [one] = await draw(NORM_STOCHASTICITIES.filter(({ seed }) => seed === 1));
    expect(one?.texts).toContain('at 1 random point');
    expect(one?.shapes.filter(({ mark }) => mark === 'area')).toEqual([]);
  });

  it('draws a single size', async () => {
    const [panel] = await draw(NORM_STOCHASTICITIES.filter(({ batchSize }) => batchSize === 8));
    expect(panel?.shapes.filter(({ mark }) => mark === 'symbol')).toHaveLength(1);
  });

  it('tells the length of the sum of directions, and draws it where it is not zero', async () => {
    const [, equal, unequal] = await draw();
    expect(equal?.texts).toContain('Σ ĝ = 0, ‖Σ ĝ/‖ĝ‖‖ = 0.00');
    expect(unequal?.texts).toContain('Σ ĝ = 0, ‖Σ ĝ/‖ĝ‖‖ = 0.44');
    const heads = (panel: typeof equal) => panel?.shapes.filter(({ path }) => path.length === 6).length;
    expect([heads(equal), heads(unequal)]).toEqual([3, 4]);
  });
});
