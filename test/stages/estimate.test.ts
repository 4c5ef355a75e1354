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
      'batchSize',
      'debiasedResultantLength',
      'dimension',
      'effectiveDimension',
      'groups',
      'jackknifeSamples',
      'kappa',
      'kappaExact',
      'kappaLower',
      'kappaStandardError',
      'kappaUpper',
      'mCoherence',
      'meanGradientNorm',
      'meanNorm',
      'noiseFloor',
      'noiseScale',
      'normSnr',
      'resultantLength',
      'samples',
      'snr',
      'snrSquaredPerExample',
    ]);
    // What this sample does not hold.
    expect(statistics).toMatchObject({ batchSize: null, noiseScale: null, effectiveDimension: null, groups: [] });
  });

  it('estimates the noise, and each group of parameters that the sample names', async () => {
    const whole = (value: number) => ({ shape: [1], data: Int32Array.of(value) });
    const { statistics } = await run({
      ...samples,
      batchSize: whole(10),
      consecutiveCosines: float64(0.5, -0.5),
      'groups/group1/convolution1/kernel/norms': float64(1, 2, 3),
      'groups/group1/convolution1/kernel/meanGradientNorm': float64(Math.sqrt(26) / 3),
      'groups/group1/convolution1/kernel/resultant': float64(Math.sqrt(2)),
      'groups/group1/convolution1/kernel/directions': whole(2),
      'groups/group1/convolution1/kernel/dimension': whole(3),
      'groups/beta/norms': float64(1, 1, 1),
      'groups/beta/meanGradientNorm': float64(1),
      'groups/beta/resultant': float64(3),
      'groups/beta/directions': whole(3),
      'groups/beta/dimension': whole(1),
    });
    // ‖g‖² is the mean product of different gradients, 6/3, and tr Σ is 10 · 8/3.
    expect(statistics.noiseScale).toBeCloseTo(80 / 3 / 2, 12);
    expect(statistics.effectiveDimension).toBe(4);
    const [second, first] = statistics.groups;
    expect(first).toMatchObject({ name: 'group1/convolution1/kernel', dimension: 3, samples: 3, directions: 2 });
    const r = Math.sqrt(0.5);
    expect(first?.kappa).toBeCloseTo((r * (3 - r * r)) / (1 - r * r), 12);
    expect(first?.noiseFloor).toBeCloseTo(first?.kappa ?? 0, 12);
    expect(first?.debiasedResultantLength).toBeCloseTo(0, 7);
    expect(first?.snr).toBeCloseTo(statistics.snr ?? 0, 14);
    expect(first?.noiseScale).toBeCloseTo(statistics.noiseScale ?? 0, 12);
    // A direction in one dimension is a sign.
    expect(second).toMatchObject({ name: 'beta', kappa: null, noiseFloor: null, resultantLength: 1, noiseScale: 0 });
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
