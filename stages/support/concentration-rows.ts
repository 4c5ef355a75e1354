import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import type { Checkpoint, SampleStatistics } from './checkpoints.ts';

/** Measurements of earlier versions have no quantities of noise. */
type Measured = DirectionalStatistics & Partial<Omit<SampleStatistics, 'groups'>>;

/** One row for each checkpoint, with all statistics of the gradients' directions there. */
export function concentrationRows(checkpoints: readonly Checkpoint<Measured>[]) {
  const rows = checkpoints.map(({ architecture, seed, epoch, value }) => ({
    architecture,
    seed,
    epoch,
    dimension: value.dimension,
    samples: value.samples,
    resultantLength: value.resultantLength,
    kappa: value.kappa,
    kappaExact: value.kappaExact,
    debiasedResultantLength: value.debiasedResultantLength,
    noiseFloor: value.noiseFloor,
    kappaStandardError: value.kappaStandardError,
    kappaLower: value.kappaLower,
    kappaUpper: value.kappaUpper,
    jackknifeSamples: value.jackknifeSamples,
    snr: value.snr,
    normSnr: value.normSnr,
    meanNorm: value.meanNorm,
    meanGradientNorm: value.meanGradientNorm,
    batchSize: value.batchSize ?? null,
    noiseScale: value.noiseScale ?? null,
    snrSquaredPerExample: value.snrSquaredPerExample ?? null,
    mCoherence: value.mCoherence ?? null,
    effectiveDimension: value.effectiveDimension ?? null,
  }));
  return rows satisfies readonly Omit<SampleStatistics, 'groups'>[];
}
