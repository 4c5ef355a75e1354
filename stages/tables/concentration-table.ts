import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import { checkpointsOf, type SampleStatistics } from '../support/checkpoints.ts';
import { concentrationRows } from '../support/concentration-rows.ts';
import { tableOf } from '../support/rows.ts';

/** One row for each architecture, seed and epoch, with all statistics of the gradients' directions there. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { statistics: many(json<SampleStatistics>()) },
  outputs: { table: arrow },
  run: ({ inputs }) => ({ table: tableOf(concentrationRows(checkpointsOf('statistics', inputs.statistics))) }),
});
