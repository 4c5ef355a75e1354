import * as v from 'valibot';
import { png } from '../../src/engine/stage/codecs/png.ts';
import { svg } from '../../src/engine/stage/codecs/text.ts';
import { defineStage } from '../../src/engine/stage/stage.ts';
import { minimisersFigure } from '../../src/sgd/figures/plots/minimisers-figure.ts';
import { stepTowardsMinimisers } from '../../src/sgd/statistics/minimisers.ts';
import { draw } from '../support/draw.ts';
import { finiteNumber, planePoint } from '../support/plane-point.ts';

/** A step towards the minimisers of minibatch losses (Figure 4). */
export default defineStage({
  params: v.strictObject({
    /** w */
    from: planePoint,
    /** p_j, not all on one line through w. */
    minimisers: v.pipe(v.array(planePoint), v.minLength(2)),
    /** ε of the step that is drawn. */
    epsilon: v.pipe(finiteNumber, v.gtValue(0)),
    /** The largest ε for which the length of the sum is drawn. */
    furthest: v.pipe(finiteNumber, v.gtValue(0)),
    /** The condition of the quadratics' Hessian diag(condition, 1). */
    condition: v.pipe(finiteNumber, v.minValue(1)),
  }),
  inputs: {},
  outputs: { svg, png },
  run: ({ params }) => draw(minimisersFigure(stepTowardsMinimisers(params))),
});
