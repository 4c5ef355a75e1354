import * as v from 'valibot';
import { csv, markdown } from '../../src/engine/stage/codecs/text.ts';
import { directory } from '../../src/engine/stage/index.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { groupBy } from '../../src/sgd/figures/summary.ts';
import { statisticsCsv, statisticsMarkdown } from '../../src/sgd/figures/tables/statistics.ts';
import { concentrationRows } from '../support/concentration-rows.ts';
import { measuredRunsIn } from '../support/measured-files.ts';
import { withValidationAccuracy } from '../support/statistics-rows.ts';

/**
 * The tables of the stage write-statistics, from files of the target "measurements": of each architecture, the checkpoints that all of its seeds have.
 * A mean over the seeds of one checkpoint and other seeds of the next would show a change that no run made.
 */
export default defineStage({
  params: v.strictObject({ architectures: v.array(v.string()) }),
  inputs: { measurements: one(directory) },
  outputs: { markdown, csv },
  run: async ({ params: { architectures }, inputs }) => {
    const { statistics, validation } = await measuredRunsIn(inputs.measurements);
    const rows = architectures.flatMap((name) => {
      const measured = concentrationRows(statistics.filter(({ architecture }) => architecture === name));
      const seeds = new Set(measured.map(({ seed }) => seed)).size;
      const checkpoints = [...groupBy(measured, ({ epoch }) => epoch)].sort(([a], [b]) => a - b);
      return checkpoints.flatMap(([, ofSeeds]) => (ofSeeds.length === seeds ? ofSeeds : []));
    });
    const complete = withValidationAccuracy(rows, validation);
    return { markdown: statisticsMarkdown(complete), csv: statisticsCsv(complete) };
  },
});
