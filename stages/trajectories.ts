import * as v from 'valibot';
import { arrow } from '../src/engine/stage/codecs/arrow.ts';
import { json } from '../src/engine/stage/codecs/json.ts';
import { png } from '../src/engine/stage/codecs/png.ts';
import { svg } from '../src/engine/stage/codecs/text.ts';
import { Failure } from '../src/engine/stage/index.ts';
import { defineStage, many, one } from '../src/engine/stage/stage.ts';
import { groupBy } from '../src/sgd/figures/summary.ts';
import { type TrajectoryRow, trajectoriesFigure } from '../src/sgd/figures/trajectories.ts';
import { correlationsOf } from '../src/sgd/statistics/correlation.ts';
import type { DirectionalStatistics } from '../src/sgd/statistics/statistics.ts';
import { type Checkpoint, checkpointsOf, type EvaluationMetrics } from './support/checkpoints.ts';
import { draw } from './support/draw.ts';
import { rowsOf, tableOf } from './support/rows.ts';

/** One row for each epoch at which a run was measured in any way: its losses, κ̂, SNR and normSNR there. */
export const trajectories = /* @__PURE__ */ defineStage({
  params: /* @__PURE__ */ v.strictObject({}),
  inputs: {
    statistics: /* @__PURE__ */ many(/* @__PURE__ */ json<DirectionalStatistics>()),
    training: /* @__PURE__ */ many(/* @__PURE__ */ json<EvaluationMetrics>()),
    validation: /* @__PURE__ */ many(/* @__PURE__ */ json<EvaluationMetrics>()),
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

const COLUMNS = ['architecture', 'epoch', 'trainingLoss', 'validationLoss', 'kappa', 'snr', 'normSnr'] as const;

/** Losses, κ̂, SNR and normSNR of single runs (Figures 6 to 10). */
export const plot = /* @__PURE__ */ defineStage({
  params: /* @__PURE__ */ v.strictObject({
    /** The scale of the experiment, shown under the figure. */
    caption: /* @__PURE__ */ v.string(),
    /** The order of the panels, from top to bottom. */
    architectures: /* @__PURE__ */ v.pipe(
      /* @__PURE__ */ v.array(/* @__PURE__ */ v.string()),
      /* @__PURE__ */ v.minLength(1),
    ),
  }),
  inputs: { table: /* @__PURE__ */ one(arrow) },
  outputs: { svg, png },
  run: ({ params, inputs }) => {
    const rows = rowsOf<TrajectoryRow>('table', inputs.table, COLUMNS);
    const correlations = new Map(
      [...groupBy(rows, ({ architecture }) => architecture)].map(([architecture, ofRun]) => [
        architecture,
        {
          kappa: correlationsOf(pairsOf(ofRun, 'kappa'))?.spearman ?? null,
          normSnr: correlationsOf(pairsOf(ofRun, 'normSnr'))?.spearman ?? null,
        },
      ]),
    );
    return draw(trajectoriesFigure(rows, { ...params, correlations }));
  },
});

function pairsOf(rows: readonly TrajectoryRow[], name: 'kappa' | 'normSnr'): [number, number][] {
  return rows.flatMap(({ snr, [name]: value }) => (snr !== null && value !== null ? [[snr, value]] : []));
}
