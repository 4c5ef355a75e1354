import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../../../src/sgd/figures/drawing/render.ts';
import { kernelsInOrder, type LayerRow, layersFigure } from '../../../../src/sgd/figures/plots/layers-figure.ts';

const row = (architecture: string, group: string, epoch: number, kappa: number | null): LayerRow => ({
  ...{ architecture, group, epoch, kappa },
  dimension: 100,
  noiseFloor: 10,
});

describe('the figure of layers', () => {
  it('orders kernels from the input to the output', () => {
    const groups = [
      'group1/convolution10/kernel',
      'group1/convolution2/kernel',
      'logits/kernel',
      'normalisation',
      'stem/kernel',
    ];
    expect(kernelsInOrder([...groups, 'logits/kernel', 'group1/convolution2/normalisation'])).toEqual([
      ...['stem/kernel', 'group1/convolution2/kernel', 'group1/convolution10/kernel', 'logits/kernel'],
    ]);
  });

  it('has a panel for each architecture with rows, and names the ends of its kernels', async () => {
    const rows = ['cnn+bn', 'fnn'].flatMap((architecture) =>
      ['stem/kernel', 'group1/convolution1/kernel', 'logits/kernel', 'all', 'normalisation'].flatMap((group, i) => [
        row(architecture, group, 0, 50 + i),
        row(architecture, group, 1, i === 2 ? null : 30 + i),
      ]),
    );
    const svg = await renderSvg(layersFigure(rows, { caption: 'Seed 1.', architectures: ['fnn', 'cnn+bn', 'dfnn'] }));
    for (const text of ['fnn', 'cnn+bn', 'stem/kernel', 'logits/kernel', 'normalisation', 'all', 'Seed 1.']) {
      expect(svg).toContain(`>${text}`);
    }
    expect(svg).not.toContain('dfnn');
    expect(svg).not.toContain('group1/convolution1');
  });

  it('says which dashed line is which where there are several', async () => {
    const whole = row('fnn', 'all', 0, 50);
    const layer = row('fnn', 'stem/kernel', 0, 50);
    const drawn = (rows: readonly LayerRow[]) =>
      renderSvg(layersFigure(rows, { caption: 'Seed 1.', architectures: ['fnn'] }));
    expect(await drawn([whole, layer])).not.toContain('lower');
    expect(await drawn([whole, { ...layer, noiseFloor: 30 }])).toContain('lower');
  });
});
