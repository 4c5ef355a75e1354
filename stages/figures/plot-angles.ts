import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { png } from '../../src/engine/stage/codecs/png.ts';
import { svg } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { type AngleRow, anglesFigure } from '../../src/sgd/figures/plots/angles-figure.ts';
import { draw } from '../support/draw.ts';
import { rowsOf } from '../support/rows.ts';

/** Densities of the angle between minibatch gradients and a random direction (Figure 3). */
export default defineStage({
  params: v.strictObject({
    /** The scale of the experiment, shown under the figure; none when empty. */
    caption: v.string(),
  }),
  inputs: { table: one(arrow) },
  outputs: { svg, png },
  run: ({ params, inputs }) => {
    const columns = ['panel', 'series', 'dimension', 'seed', 'angle', 'density', 'epoch', 'trainingAccuracy'] as const;
    return draw(anglesFigure(rowsOf<AngleRow>('table', inputs.table, columns), params.caption));
  },
});
