import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { checkpointsOf, type EvaluationMetrics } from '../support/checkpoints.ts';
import { tableOf } from '../support/rows.ts';
import { trajectoryRows } from '../support/trajectory-rows.ts';

/** One row for each epoch at which a run was measured in any way: its losses, κ̂, SNR and normSNR there. */
export default defineStage({
  params: v.strictObject({}),
  inputs: {
    statistics: many(json<DirectionalStatistics>()),
    training: many(json<EvaluationMetrics>()),
    validation: many(json<EvaluationMetrics>()),
  },
  outputs: { table: arrow },
  run: ({ inputs }) => {
    const statistics = checkpointsOf('statistics', inputs.statistics);
    const training = checkpointsOf('training', inputs.training);
    const validation = checkpointsOf('validation', inputs.validation);
    return { table: tableOf(trajectoryRows({ statistics, training, validation })) };
  },
});
