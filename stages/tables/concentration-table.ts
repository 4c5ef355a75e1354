import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { checkpointsOf } from '../support/checkpoints.ts';
import { tableOf } from '../support/rows.ts';

/** One row for each architecture, seed and epoch, with all statistics of the gradients' directions there. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { statistics: many(json<DirectionalStatistics>()) },
  outputs: { table: arrow },
  run: ({ inputs }) => {
    const checkpoints = checkpointsOf('statistics', inputs.statistics);
    const rows = checkpoints.map(({ architecture, seed, epoch, value }) => ({
      architecture,
      seed,
      epoch,
      dimension: value.dimension,
      samples: value.samples,
      resultantLength: value.resultantLength,
      kappa: value.kappa,
      kappaExact: value.kappaExact,
      debiasedResultantLength: value.debiasedResultantLength,
      noiseFloor: value.noiseFloor,
      kappaStandardError: value.kappaStandardError,
      kappaLower: value.kappaLower,
      kappaUpper: value.kappaUpper,
      jackknifeSamples: value.jackknifeSamples,
      snr: value.snr,
      normSnr: value.normSnr,
      meanNorm: value.meanNorm,
      meanGradientNorm: value.meanGradientNorm,
    }));
    return { table: tableOf(rows satisfies readonly (DirectionalStatistics & object)[]) };
  },
});
