import { Failure } from '../../src/engine/stage/index.ts';
import type { TrajectoryRow } from '../../src/sgd/figures/plots/trajectories-figure.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import type { Checkpoint, EvaluationMetrics } from './checkpoints.ts';

/** What was measured of one seed's runs. */
export interface MeasuredRuns {
  readonly statistics: readonly Checkpoint<DirectionalStatistics>[];
  readonly training: readonly Checkpoint<EvaluationMetrics>[];
  readonly validation: readonly Checkpoint<EvaluationMetrics>[];
}

/**
 * One row for each epoch at which a run was measured in any way: its losses, κ̂, SNR and normSNR there.
 *
 * @throws {Failure} kind `stage` for more than one seed
 */
export function trajectoryRows(runs: MeasuredRuns): TrajectoryRow[] {
  const statistics = byPlace(runs.statistics);
  const training = byPlace(runs.training);
  const validation = byPlace(runs.validation);
  const places = new Map<string, Checkpoint<unknown>>([...validation, ...training, ...statistics]);
  return [...places].map(([place, { architecture, epoch }]) => {
    const measured = statistics.get(place)?.value;
    return {
      architecture,
      epoch,
      trainingLoss: training.get(place)?.value.loss ?? null,
      validationLoss: validation.get(place)?.value.loss ?? null,
      kappa: measured?.kappa ?? null,
      snr: measured?.snr ?? null,
      normSnr: measured?.normSnr ?? null,
    };
  });
}

/** The same key for every quantity of one architecture at one epoch. Only one seed is shown, so a second would be a mistake. */
function byPlace<T>(checkpoints: readonly Checkpoint<T>[]): Map<string, Checkpoint<T>> {
  const seeds = new Set(checkpoints.map(({ seed }) => seed));
  if (seeds.size > 1) {
    throw new Failure('stage', {
      fact: `the trajectories of ${seeds.size} seeds (${[...seeds].join(', ')}) were gathered, where one is shown`,
      fix: 'select one seed in the inputs of this stage',
    });
  }
  return new Map(
    checkpoints.map((checkpoint) => [JSON.stringify([checkpoint.architecture, checkpoint.epoch]), checkpoint]),
  );
}
