import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { png } from '../../src/engine/stage/codecs/png.ts';
import { svg } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { type TrajectoryRow, trajectoriesFigure } from '../../src/sgd/figures/plots/trajectories-figure.ts';
import { groupBy } from '../../src/sgd/figures/summary.ts';
import { correlationsOf } from '../../src/sgd/statistics/correlation.ts';
import { draw } from '../support/draw.ts';
import { rowsOf } from '../support/rows.ts';

const COLUMNS = ['architecture', 'epoch', 'trainingLoss', 'validationLoss', 'kappa', 'snr', 'normSnr'] as const;

/** Losses, κ̂, SNR and normSNR of single runs (Figures 6 to 10). */
export default defineStage({
  params: v.strictObject({
    /** The scale of the experiment, shown under the figure. */
    caption: v.string(),
    /** The order of the panels, from top to bottom. */
    architectures: v.pipe(v.array(v.string()), v.minLength(1)),
  }),
  inputs: { table: one(arrow) },
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
