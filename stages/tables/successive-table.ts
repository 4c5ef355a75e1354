import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { safetensors } from '../../src/engine/stage/codecs/safetensors.ts';
import { csv } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import { meanAndStd } from '../../src/sgd/figures/summary.ts';
import { checkpointsOf } from '../support/checkpoints.ts';
import { csvOf, tableOf } from '../support/rows.ts';

/** One row for each checkpoint: the mean cosine of the gradients of successive steps, and its standard deviation over the pairs of steps. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { steps: many(safetensors) },
  outputs: { table: arrow, csv },
  run: ({ inputs }) => {
    const rows = checkpointsOf('steps', inputs.steps).map(({ architecture, seed, epoch, value }) => {
      const cosines = Array.from((value.cosines?.data ?? []) as Float64Array);
      const { mean, std } = meanAndStd(cosines);
      return { architecture, seed, epoch, pairs: cosines.length, cosine: mean, cosineStd: std };
    });
    return { table: tableOf(rows), csv: csvOf(rows) };
  },
});
