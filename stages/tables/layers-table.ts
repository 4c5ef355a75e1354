import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { csv } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import { checkpointsOf, type SampleStatistics } from '../support/checkpoints.ts';
import { csvOf, tableOf } from '../support/rows.ts';

/** One row for each group of parameters at each checkpoint, and one for all parameters (group `all`). */
export default defineStage({
  params: v.strictObject({}),
  inputs: { statistics: many(json<SampleStatistics>()) },
  outputs: { table: arrow, csv },
  run: ({ inputs }) => {
    const rows = checkpointsOf('statistics', inputs.statistics).flatMap(({ architecture, seed, epoch, value }) =>
      [{ ...value, name: 'all', directions: value.samples }, ...value.groups].map((group) => ({
        architecture,
        seed,
        epoch,
        group: group.name,
        dimension: group.dimension,
        samples: group.samples,
        directions: group.directions,
        resultantLength: group.resultantLength,
        debiasedResultantLength: group.debiasedResultantLength,
        kappa: group.kappa,
        noiseFloor: group.noiseFloor,
        snr: group.snr,
        noiseScale: group.noiseScale,
        snrSquaredPerExample: group.snrSquaredPerExample,
        mCoherence: group.mCoherence,
      })),
    );
    return { table: tableOf(rows), csv: csvOf(rows) };
  },
});
