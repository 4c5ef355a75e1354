import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { csv, markdown } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import { correlationCsv, correlationMarkdown } from '../../src/sgd/figures/tables/correlation.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { checkpointsOf } from '../support/checkpoints.ts';
import { correlationRows } from '../support/correlation-rows.ts';
import { tableOf } from '../support/rows.ts';

/** How SNR correlates with κ̂ and with normSNR over the checkpoints of each run. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { statistics: many(json<DirectionalStatistics>()) },
  outputs: { table: arrow, markdown, csv },
  run: ({ inputs }) => {
    const rows = correlationRows(checkpointsOf('statistics', inputs.statistics));
    return { table: tableOf(rows), markdown: correlationMarkdown(rows), csv: correlationCsv(rows) };
  },
});
