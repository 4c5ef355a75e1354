import { describe, expect, it } from 'vitest';
import { safetensors } from '../../src/engine/stage/codecs/safetensors.ts';
import { Failure, type Tensors } from '../../src/engine/stage/index.ts';
import estimate from '../../stages/estimate.ts';

const float64 = (...values: number[]) => ({ shape: [values.length], data: Float64Array.from(values) });

/** Sums of three gradients along the axes of R³: (1, 0, 0), (0, 2, 0) and (0, 3, 0). */
const samples: Tensors = {
  norms: float64(1, 2, 3),
  projections: float64(0.1, 0.2, 0.3),
  resultant: float64(Math.sqrt(5)),
  meanGradientNorm: float64(Math.sqrt(26) / 3),
  jackknifeProducts: float64(1, 2, 2),
  dimension: { shape: [1], data: Int32Array.of(3) },
};

function run(tensors: Tensors) {
  return estimate.run({
    params: {},
    coordinates: { architecture: 'fnn', seed: 1, epoch: 0 },
    // Through the bytes, as the engine passes it.
    inputs: { samples: safetensors.decode(safetensors.encode(tensors)) },
    get compute(): never {
      throw new Error('this stage does not compute');
    },
    get scratch(): never {
      throw new Error('this stage has no folder');
    },
    log: () => {},
    progress: () => {},
    metric: () => {},
  });
}

describe('estimate', () => {
  it('writes the statistics of a sample as JSON', async () => {
    const { statistics } = await run(samples);
    const decoded = estimate.outputs.statistics.decode(estimate.outputs.statistics.encode(statistics));
    expect(decoded).toEqual(statistics);
    const r = Math.sqrt(5) / 3;
    expect(statistics).toMatchObject({ dimension: 3, samples: 3, jackknifeSamples: 3, meanNorm: 2, normSnr: 2 });
    expect(statistics.kappa).toBeCloseTo((r * (3 - r * r)) / (1 - r * r), 12);
    // tr Cov = (14 − 26/3) / 2
    expect(statistics.snr).toBeCloseTo(Math.sqrt(26) / 3 / Math.sqrt(8 / 3), 12);
    expect(Object.keys(statistics).sort()).toEqual([
      'debiasedResultantLength',
      'dimension',
      'jackknifeSamples',
      'kappa',
      'kappaExact',
      'kappaLower',
      'kappaStandardError',
      'kappaUpper',
      'meanGradientNorm',
      'meanNorm',
      'noiseFloor',
      'normSnr',
      'resultantLength',
      'samples',
      'snr',
    ]);
  });

  it('takes no params', async () => {
    const checked = await estimate.params['~standard'].validate({ epochs: 3 });
    expect(checked.issues).toHaveLength(1);
    expect((await estimate.params['~standard'].validate({})).issues).toBeUndefined();
  });

  it.each([
    ['norms', undefined],
    ['norms', { shape: [1], data: Float32Array.of(1) }],
    ['jackknifeProducts', undefined],
    ['resultant', float64(1, 2)],
    ['dimension', undefined],
  ])('says which tensor is missing or of another kind: %s', (name, tensor) => {
    const { [name]: _, ...others } = samples;
    const broken = tensor ? { ...others, [name]: tensor } : others;
    expect(() => run(broken)).toThrow(Failure);
    expect(() => run(broken)).toThrow(`"samples" has no tensor "${name}"`);
  });
});
