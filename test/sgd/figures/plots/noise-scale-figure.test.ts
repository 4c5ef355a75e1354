import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import { renderSvg } from '../../../../src/sgd/figures/drawing/render.ts';
import {
  type NoiseScaleRow,
  noiseScaleFigure,
  theoreticalConcentration,
} from '../../../../src/sgd/figures/plots/noise-scale-figure.ts';
import { banerjeeConcentration } from '../../../../src/sgd/statistics/concentration.ts';

describe('what the noise scale lets expect', () => {
  it('is κ̂/d of normal gradients with that noise scale', () => {
    // ‖g‖ = 1 and Σ/m = s²·I: tr Σ = m s² d, so that B = m s² d.
    const [dimension, samples, batchSize] = [2000, 40, 16];
    for (const noiseScale of [4, 16, 200, 3000]) {
      const s = Math.sqrt(noiseScale / (batchSize * dimension));
      const draws = randomStream(noiseScale, 'gradients of a test');
      const sum = new Float64Array(dimension);
      for (let i = 0; i < samples; i++) {
        const gradient = Float64Array.from(sum, (_, k) => (k === 0 ? 1 : 0) + s * draws.normal());
        const norm = Math.hypot(...gradient);
        gradient.forEach((value, k) => {
          sum[k] = (sum[k] as number) + value / norm;
        });
      }
      const found = banerjeeConcentration(dimension, Math.hypot(...sum) / samples) / dimension;
      expect(found / theoreticalConcentration(noiseScale, batchSize, samples)).toBeCloseTo(1, 1);
    }
  });

  it('is √(m(B + m))/B for many samples', () => {
    expect(theoreticalConcentration(36, 64, 1e15)).toBeCloseTo(80 / 36, 10);
  });
});

describe('the figure of the noise scale', () => {
  const row = (architecture: string, epoch: number, batchSize: number, noiseScale: number | null): NoiseScaleRow => ({
    ...{ architecture, epoch, batchSize, noiseScale },
    dimension: 1000,
    samples: 100,
    kappa: 200 + epoch + batchSize,
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
  });

  it('is drawn without any size', async () => {
    expect(await renderSvg(noiseScaleFigure([row('fnn', 0, 64, 100)], [], options))).toContain('(c)');
  });
});
