import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { png } from '../../src/engine/stage/codecs/png.ts';
import { svg } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { type LayerRow, layersFigure } from '../../src/sgd/figures/plots/layers-figure.ts';
import { draw } from '../support/draw.ts';
import { rowsOf } from '../support/rows.ts';

const COLUMNS = ['architecture', 'epoch', 'group', 'dimension', 'kappa', 'noiseFloor'] as const;

/** κ̂ of single layers against the epoch. */
export default defineStage({
  params: v.strictObject({
    /** The scale of the experiment, shown under the figure. */
    caption: v.string(),
    /** The order of the panels. */
    architectures: v.pipe(v.array(v.string()), v.minLength(1)),
  }),
  inputs: { table: one(arrow) },
  outputs: { svg, png },
  run: ({ params, inputs }) => draw(layersFigure(rowsOf<LayerRow>('table', inputs.table, COLUMNS), params)),
});
