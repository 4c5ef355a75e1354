import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { csv, markdown } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, many, one } from '../../src/engine/stage/stage.ts';
import { type StatisticsRow, statisticsCsv, statisticsMarkdown } from '../../src/sgd/figures/tables/statistics.ts';
import { checkpointsOf } from '../support/checkpoints.ts';
import { rowsOf } from '../support/rows.ts';
import { withValidationAccuracy } from '../support/statistics-rows.ts';

/** κ̂, SNR and normSNR at every checkpoint, with the validation accuracy there. */
export default defineStage({
  params: v.strictObject({}),
  inputs: {
    table: one(arrow),
    validation: many(json<{ readonly accuracy: number }>()),
  },
  outputs: { markdown, csv },
  run: ({ inputs }) => {
    const columns = [
      ...(['architecture', 'seed', 'epoch', 'kappa', 'kappaLower', 'kappaUpper', 'snr', 'normSnr'] as const),
      ...(['noiseScale', 'snrSquaredPerExample', 'mCoherence', 'effectiveDimension'] as const),
    ];
    const measured = rowsOf<Omit<StatisticsRow, 'validationAccuracy'>>('table', inputs.table, columns);
    const rows = withValidationAccuracy(measured, checkpointsOf('validation', inputs.validation));
    return { markdown: statisticsMarkdown(rows), csv: statisticsCsv(rows) };
  },
});
