import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { directory } from '../../src/engine/stage/index.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { checkpointsOf, type EvaluationMetrics } from '../support/checkpoints.ts';
import { measurementsCsv } from '../support/measurements.ts';

/** All that was measured, as small files that outlast a cache: one for each architecture and seed. */
export default defineStage({
  params: v.strictObject({}),
  inputs: {
    statistics: many(json<DirectionalStatistics>()),
    training: many(json<EvaluationMetrics>()),
    validation: many(json<EvaluationMetrics>()),
  },
  outputs: { measurements: directory },
  run: async ({ inputs, scratch }) => {
    const files = measurementsCsv({
      statistics: checkpointsOf('statistics', inputs.statistics),
      training: checkpointsOf('training', inputs.training),
      validation: checkpointsOf('validation', inputs.validation),
    });
    const folder = join(scratch, 'measurements');
    await mkdir(folder);
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    return { measurements: folder };
  },
});
