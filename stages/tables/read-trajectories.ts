import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { directory, Failure } from '../../src/engine/stage/index.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { measuredRunsIn } from '../support/measured-files.ts';
import { tableOf } from '../support/rows.ts';
import { trajectoryRows } from '../support/trajectory-rows.ts';

/** The table of the stage trajectories-table for one seed, from files of the target "measurements". */
export default defineStage({
  params: v.strictObject({ seed: v.number(), architectures: v.array(v.string()) }),
  inputs: { measurements: one(directory) },
  outputs: { table: arrow },
  run: async ({ params, inputs }) => {
    const runs = await measuredRunsIn(inputs.measurements);
    const isShown = ({ architecture, seed }: { readonly architecture: string; readonly seed: number }) =>
      seed === params.seed && params.architectures.includes(architecture);
    const rows = trajectoryRows({
      statistics: runs.statistics.filter(isShown),
      training: runs.training.filter(isShown),
      validation: runs.validation.filter(isShown),
    });
    if (rows.length === 0) {
      throw new Failure('stage', {
        fact: `no measurements of ${params.architectures.join(', ')} with seed ${params.seed} are kept`,
        fix: 'run the target "measurements" of pipeline.yaml for them, and keep its files',
      });
    }
    return { table: tableOf(rows) };
  },
});
