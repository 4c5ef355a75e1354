import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { csv, markdown } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { type AccuracyRow, accuracyCsv, accuracyMarkdown } from '../../src/sgd/figures/tables/accuracy.ts';
import { ACCURACY_COLUMNS } from '../support/accuracy-columns.ts';
import { rowsOf } from '../support/rows.ts';

/** Best validation accuracies, with the paper's. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { table: one(arrow) },
  outputs: { markdown, csv },
  run: ({ inputs }) => {
    const rows = rowsOf<AccuracyRow>('table', inputs.table, ACCURACY_COLUMNS);
    return { markdown: accuracyMarkdown(rows), csv: accuracyCsv(rows) };
  },
});
