import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { png } from '../../src/engine/stage/codecs/png.ts';
import { svg } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import {
  type BalancedGradients,
  type NormStochasticityRow,
  normStochasticityFigure,
} from '../../src/sgd/figures/plots/norm-stochasticity-figure.ts';
import { balancedVectors } from '../../src/sgd/statistics/balance.ts';
import { sumOf, unit } from '../../src/sgd/statistics/minimisers.ts';
import { draw } from '../support/draw.ts';
import { rowsOf } from '../support/rows.ts';

/** Norm stochasticity against the minibatch size, with three balanced gradients (Figure 2). */
export default defineStage({
  params: v.strictObject({
    /** The scale of the experiment, shown under the figure. */
    caption: v.string(),
    /** The lengths of three unequal gradients that cancel: the sides of a triangle. */
    unequalNorms: v.tuple([v.number(), v.number(), v.number()]),
  }),
  inputs: { table: one(arrow) },
  outputs: { svg, png },
  run: ({ params, inputs }) => {
    const columns = ['seed', 'batchSize', 'minibatches', 'meanNorm', 'stdNorm', 'stochasticity'] as const;
    const rows = rowsOf<NormStochasticityRow>('table', inputs.table, columns);
    const balanced = { equal: balance([1, 1, 1]), unequal: balance(params.unequalNorms) };
    return draw(normStochasticityFigure(rows, balanced, params.caption));
  },
});

function balance(norms: readonly [number, number, number]): BalancedGradients {
  const gradients = balancedVectors(norms);
  const directions = gradients.map(unit) as [number, number][];
  return { gradients, directions, resultant: sumOf(directions) as [number, number] };
}
