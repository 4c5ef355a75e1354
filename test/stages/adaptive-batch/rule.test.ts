import { describe, expect, it } from 'vitest';
import { nextBatchSize } from '../../../stages/adaptive-batch/rule.ts';

const measured = { batchSize: 64, kappa: 1000, noiseFloor: 400, noiseScale: 500 };
const concentration = (factor: number) => ({ kind: 'concentration' as const, batchSize: 16, factor });
const noise = (ratio: number) => ({ kind: 'noise scale' as const, batchSize: 16, ratio });

describe('nextBatchSize', () => {
  it('doubles where κ̂ is near its noise floor', () => {
    expect(nextBatchSize(concentration(2), measured, 1024)).toBe(64);
    expect(nextBatchSize(concentration(3), measured, 1024)).toBe(128);
    expect(nextBatchSize(concentration(3), { ...measured, kappa: null }, 1024)).toBe(64);
  });

  it('doubles where the noise scale is many minibatches, or lost in the noise', () => {
    expect(nextBatchSize(noise(10), measured, 1024)).toBe(64);
    expect(nextBatchSize(noise(5), measured, 1024)).toBe(128);
    expect(nextBatchSize(noise(10), { ...measured, noiseScale: null }, 1024)).toBe(128);
  });

  it('never doubles a fixed size, nor beyond the largest', () => {
    const noisy = { ...measured, kappa: 1, noiseScale: null };
    expect(nextBatchSize({ kind: 'fixed', batchSize: 16 }, noisy, 1024)).toBe(64);
    for (const rule of [concentration(3), noise(5)]) {
      expect(nextBatchSize(rule, noisy, 128)).toBe(128);
      expect(nextBatchSize(rule, noisy, 127)).toBe(64);
    }
  });
});
