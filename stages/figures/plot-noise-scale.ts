import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { png } from '../../src/engine/stage/codecs/png.ts';
import { svg } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { noiseScaleFigure } from '../../src/sgd/figures/plots/noise-scale-figure.ts';
import { draw } from '../support/draw.ts';
import { noiseScaleRows } from '../support/noise-scale-rows.ts';
import { positiveInteger } from '../support/params.ts';

/** The gradient noise scale against the epoch, κ̂ against it, and κ̂ against the minibatch size. */
export default defineStage({
  params: v.strictObject({
    /** The scale of the experiment, shown under the figure. */
    caption: v.string(),
    /** The order of the colours. */
    architectures: v.pipe(v.array(v.string()), v.minLength(1)),
    /** m of the table of checkpoints. */
    batchSize: positiveInteger,
  }),
  inputs: { checkpoints: one(arrow), sizes: one(arrow) },
  outputs: { svg, png },
  run: ({ params, inputs }) => {
    const checkpoints = noiseScaleRows('checkpoints', inputs.checkpoints);
    const sizes = noiseScaleRows('sizes', inputs.sizes);
    return draw(noiseScaleFigure(checkpoints, sizes, params));
  },
});
