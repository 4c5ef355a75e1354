import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { Failure } from '../../src/engine/stage/index.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import type { TrajectoryRow } from '../../src/sgd/figures/plots/trajectories-figure.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { type Checkpoint, checkpointsOf, type EvaluationMetrics } from '../support/checkpoints.ts';
import { tableOf } from '../support/rows.ts';

/** One row for each epoch at which a run was measured in any way: its losses, κ̂, SNR and normSNR there. */
export default defineStage({
  params: v.strictObject({}),
  inputs: {
    statistics: many(json<DirectionalStatistics>()),
    training: many(json<EvaluationMetrics>()),
    validation: many(json<EvaluationMetrics>()),
  },
  outputs: { table: arrow },
  run: ({ inputs }) => {
    const statistics = byPlace(checkpointsOf('statistics', inputs.statistics));
    const training = byPlace(checkpointsOf('training', inputs.training));
    const validation = byPlace(checkpointsOf('validation', inputs.validation));
    const places = new Map<string, Checkpoint<unknown>>([...validation, ...training, ...statistics]);
    const rows = [...places].map(([place, { architecture, epoch }]): TrajectoryRow => {
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
    return { table: tableOf(rows) };
  },
});

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
