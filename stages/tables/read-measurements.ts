import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { csv, markdown } from '../../src/engine/stage/codecs/text.ts';
import { directory } from '../../src/engine/stage/index.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { correlationCsv, correlationMarkdown } from '../../src/sgd/figures/tables/correlation.ts';
import { accuracyRows } from '../support/accuracy-rows.ts';
import { concentrationRows } from '../support/concentration-rows.ts';
import { correlationRows } from '../support/correlation-rows.ts';
import { measuredRunsIn } from '../support/measured-files.ts';
import { tableOf } from '../support/rows.ts';

/** The tables of the stages concentration-table, accuracy-table and correlation-table, from files of the target "measurements". */
export default defineStage({
  params: v.strictObject({}),
  inputs: { measurements: one(directory) },
  outputs: { concentration: arrow, accuracy: arrow, correlationMarkdown: markdown, correlationCsv: csv },
  run: async ({ inputs }) => {
    const { statistics, validation } = await measuredRunsIn(inputs.measurements);
    const correlations = correlationRows(statistics);
    return {
      concentration: tableOf(concentrationRows(statistics)),
      accuracy: tableOf(accuracyRows(validation)),
      correlationMarkdown: correlationMarkdown(correlations),
      correlationCsv: correlationCsv(correlations),
    };
  },
});
