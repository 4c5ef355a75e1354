import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../../../src/sgd/figures/drawing/render.ts';
import { type NoiseScaleRow, noiseScaleFigure } from '../../../../src/sgd/figures/plots/noise-scale-figure.ts';

describe('the figure of the noise scale', () => {
  const row = (architecture: string, epoch: number, batchSize: number, noiseScale: number | null): NoiseScaleRow => ({
    ...{ architecture, epoch, batchSize, noiseScale },
    dimension: 1000,
    samples: 100,
    kappa: 200 + epoch + batchSize,
    normSnr: 2,
    noiseFloor: 101,
  });
  const options = { caption: 'Seed 1.', architectures: ['fnn', 'cnn', 'dfnn'], batchSize: 64 };

  it('draws checkpoints and sizes, and leaves out what is lost in the noise', async () => {
    const checkpoints = [
      row('fnn', 0, 64, 100),
      row('fnn', 1, 64, null),
      row('cnn', 0, 64, 300),
      row('cnn', 1, 64, 400),
    ];
    const sizes = [row('cnn', 1, 16, 380), row('cnn', 1, 64, 400), row('cnn', 1, 256, 390)];
    const svg = await renderSvg(noiseScaleFigure(checkpoints, sizes, options));
    for (const text of ['fnn', 'cnn', 'noise scale B', 'minibatch size m', 'Seed 1.'])
      expect(svg).toContain(`>${text}`);
    expect(svg).not.toContain('>dfnn');
    expect(svg).toContain('>epoch 1<');
    const twoEpochs = await renderSvg(noiseScaleFigure(checkpoints, [...sizes, row('cnn', 9, 64, 500)], options));
    expect(twoEpochs).toContain('>epoch 9<');
  });

  it('is drawn without any size', async () => {
    expect(await renderSvg(noiseScaleFigure([row('fnn', 0, 64, 100)], [], options))).toContain('(c)');
  });
});
