import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../../../src/sgd/figures/drawing/render.ts';
import { type AngleRow, anglesFigure } from '../../../../src/sgd/figures/plots/angles-figure.ts';
import { ANGLES } from '../examples.ts';
import { panelsOf } from '../marks.ts';

const draw = async (rows: readonly AngleRow[]) => panelsOf(await renderSvg(anglesFigure(rows, '')));

describe('anglesFigure', () => {
  it('draws what it drew before', async () => {
    const golden = `${JSON.stringify(await draw(ANGLES), null, 1)}\n`;
    await expect(golden).toMatchFileSnapshot('golden/angles.json');
  });

  it('moves its curves when a density changes by two per cent', async () => {
    const changed = ANGLES.map((row, index) => (index === 10 ? { ...row, density: 1.02 * row.density } : row));
    expect((await draw(changed))[0]?.shapes).not.toEqual((await draw(ANGLES))[0]?.shapes);
  });

  it('titles the panels, with the training accuracy rounded down', async () => {
    const panels = await draw(ANGLES);
    expect(panels.map(({ texts }) => texts[0])).toEqual([
      '(a) asymptotic densities',
      '(b) initial point',
      '(c) training accuracy 99.93 %',
    ]);
    expect(panels[0]?.texts).toEqual(expect.arrayContaining(['d = 10⁵', 'd = 635,200']));
    expect(panels[1]?.texts).toEqual(expect.arrayContaining(['minibatch gradients, 2 seeds', 'asymptotic']));
  });

  it('draws one curve for each dimension, and one for each seed over the limit', async () => {
    const curves = (await draw(ANGLES)).map(({ shapes }) => shapes.filter(({ mark }) => mark === 'line').length);
    expect(curves).toEqual([2, 3, 3]);
  });

  it('gives both checkpoints the same axes, with angles about 90 degrees', async () => {
    const [, initial, last] = await draw(ANGLES);
    expect(initial?.axisLabels).toEqual(last?.axisLabels);
    const degrees = (labels: readonly string[] = []) => labels.filter((label) => /^(89|90)\./.test(label)).map(Number);
    expect(degrees(initial?.axisLabels)).toEqual(degrees(last?.axisLabels));
    expect(degrees(initial?.axisLabels)).toContain(90);
  });

  it('leaves out the last checkpoint when there is only one', async () => {
    const panels = await draw(ANGLES.filter(({ panel }) => panel !== 'last'));
    expect(panels.map(({ texts }) => texts[0])).toEqual(['(a) asymptotic densities', '(b) initial point']);
  });

  it('names the epoch where the training accuracy is not known', async () => {
    const panels = await draw(ANGLES.map((row) => ({ ...row, trainingAccuracy: null })));
    expect(panels[2]?.texts[0]).toBe('(c) epoch 150');
  });
});
