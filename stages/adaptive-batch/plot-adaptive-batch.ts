import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { png } from '../../src/engine/stage/codecs/png.ts';
import { svg } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { type AdaptiveBatchRow, adaptiveBatchFigure } from '../../src/sgd/figures/plots/adaptive-batch-figure.ts';
import { draw } from '../support/draw.ts';
import { rowsOf } from '../support/rows.ts';

const COLUMNS = ['architecture', 'rule', 'epoch', 'examples', 'steps', 'batchSize', 'validationLoss'] as const;

/** Validation loss and minibatch size of each rule. */
export default defineStage({
  params: v.strictObject({
    caption: v.string(),
    architectures: v.pipe(v.array(v.string()), v.minLength(1)),
    rules: v.pipe(v.array(v.string()), v.minLength(1)),
  }),
  inputs: { table: one(arrow) },
  outputs: { svg, png },
  run: ({ params, inputs }) =>
    draw(adaptiveBatchFigure(rowsOf<AdaptiveBatchRow>('table', inputs.table, COLUMNS), params)),
});
