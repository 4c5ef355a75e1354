import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import { accuracyRows } from '../support/accuracy-rows.ts';
import { checkpointsOf, type EvaluationMetrics } from '../support/checkpoints.ts';
import { tableOf } from '../support/rows.ts';

/** One row for each architecture: its best validation accuracy over the epochs, mean and deviation over seeds, with the paper's. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { validation: many(json<EvaluationMetrics>()) },
  outputs: { table: arrow },
  run: ({ inputs }) => ({ table: tableOf(accuracyRows(checkpointsOf('validation', inputs.validation))) }),
});
