import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { expectedConcentration } from '../../../src/sgd/figures/expected-concentration.ts';
import { banerjeeConcentration } from '../../../src/sgd/statistics/concentration.ts';
import { gradientNoise } from '../../../src/sgd/statistics/gradient-noise.ts';

interface Sample {
  /** κ̂/d. */
  readonly concentration: number;
  readonly noiseScale: number;
  readonly normSnr: number;
}

const [dimension, samples, batchSize] = [2000, 40, 16];

/** Normal gradients around one of norm 1, each times a factor; their noise scale is `noiseScale` without the factors. */
function sampleOf(noiseScale: number, factorOf: (draw: () => number) => number): Sample {
  const s = Math.sqrt(noiseScale / (batchSize * dimension));
  const draws = randomStream(noiseScale, 'gradients of a test');
  const [directions, gradients] = [new Float64Array(dimension), new Float64Array(dimension)];
  const norms = Float64Array.from({ length: samples }, () => {
    const factor = factorOf(() => draws.normal());
    const gradient = directions.map((_, k) => factor * ((k === 0 ? 1 : 0) + s * draws.normal()));
    const norm = Math.hypot(...gradient);
    gradient.forEach((value, k) => {
      directions[k] = (directions[k] as number) + value / norm;
      gradients[k] = (gradients[k] as number) + value;
    });
    return norm;
  });
  const mean = norms.reduce((sum, norm) => sum + norm, 0) / samples;
  const variance = norms.reduce((sum, norm) => sum + (norm - mean) ** 2, 0) / samples;
  const noise = gradientNoise({ batchSize, norms, meanGradientNorm: Math.hypot(...gradients) / samples });
  return {
    concentration: banerjeeConcentration(dimension, Math.hypot(...directions) / samples) / dimension,
    noiseScale: noise.noiseScale as number,
    normSnr: mean / Math.sqrt(variance),
  };
}

describe('the prediction from the noise scale', () => {
  it('is κ̂/d of normal gradients with that noise scale', () => {
    // ‖g‖ = 1 and Σ/m = s²·I: tr Σ = m s² d, so that B = m s² d.
    for (const noiseScale of [4, 16, 200, 3000]) {
      const { concentration } = sampleOf(noiseScale, () => 1);
      expect(concentration / expectedConcentration({ noiseScale, batchSize, samples })).toBeCloseTo(1, 1);
    }
  });

  it('is √(m(B + m))/B for many samples', () => {
    expect(expectedConcentration({ noiseScale: 36, batchSize: 64, samples: 1e15 })).toBeCloseTo(80 / 36, 10);
  });

  it('needs normSNR where norms vary and do not depend on directions: those leave κ̂ as it is, and raise B', () => {
    for (const noiseScale of [4, 16, 100]) {
      const constant = sampleOf(noiseScale, () => 1);
      const varying = sampleOf(noiseScale, (draw) => Math.exp(draw()));
      const { concentration, normSnr } = varying;
      const expected = { noiseScale: varying.noiseScale, batchSize, samples };
      expect(varying.noiseScale).toBeGreaterThan(2 * constant.noiseScale);
      expect(concentration / expectedConcentration(expected)).toBeGreaterThan(1.4);
      const ratio = concentration / expectedConcentration({ ...expected, normSnr });
      expect(Math.abs(ratio - 1)).toBeLessThan(0.15);
    }
  });

  it('is the same for norms that hardly vary', () => {
    const sample = { noiseScale: 36, batchSize: 64, samples: 100 };
    expect(expectedConcentration({ ...sample, normSnr: 1e9 })).toBe(expectedConcentration(sample));
  });
});
