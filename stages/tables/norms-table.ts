import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { safetensors } from '../../src/engine/stage/codecs/safetensors.ts';
import { Failure } from '../../src/engine/stage/index.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import type { NormStochasticityRow } from '../../src/sgd/figures/plots/norm-stochasticity-figure.ts';
import { meanAndStd } from '../../src/sgd/figures/summary.ts';
import { integerCoordinate } from '../support/coordinates.ts';
import { tableOf } from '../support/rows.ts';

/** One row for each point and minibatch size: √Var‖ĝ‖ / E‖ĝ‖ with its numerator and denominator. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { norms: many(safetensors) },
  outputs: { table: arrow },
  run({ inputs }) {
    const rows = inputs.norms.map(({ coordinates, value }): NormStochasticityRow => {
      const seed = integerCoordinate(coordinates, 'seed');
      const batchSize = integerCoordinate(coordinates, 'batchSize');
      const measured = value.norms?.data;
      const { mean, std } = meanAndStd(measured instanceof Float64Array ? [...measured] : []);
      if (std === null || !(mean > 0)) {
        throw new Failure('stage', {
          fact: `the norms of seed ${seed}, batch size ${batchSize} are fewer than two, or all zero`,
          fix: 'bind "norms" to the output of a stage that takes norms of minibatch gradients where the loss has not vanished',
        });
      }
      const minibatches = measured?.length ?? 0;
      return { seed, batchSize, minibatches, meanNorm: mean, stdNorm: std, stochasticity: std / mean };
    });
    return { table: tableOf(rows) };
  },
});
