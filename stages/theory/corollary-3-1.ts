import * as v from 'valibot';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { randomStream } from '../../src/engine/stage/index.ts';
import { defineStage } from '../../src/engine/stage/stage.ts';
import type { TheoryCheck } from '../../src/sgd/figures/tables/theory.ts';
import { concentrationsOnQuadratics, largestGrowth } from '../../src/sgd/statistics/theory/corollary-3-1.ts';
import { positiveInteger } from '../support/params.ts';

const positive = v.pipe(v.number(), v.gtValue(0));

/** Corollary 3.1 where its conditions hold: on well-conditioned quadratics with a small step. */
export default defineStage({
  params: v.strictObject({
    dimension: v.pipe(positiveInteger, v.minValue(2)),
    minibatches: positiveInteger,
    conditions: v.pipe(v.array(v.pipe(v.number(), v.minValue(1))), v.minLength(1)),
    learningRate: positive,
    epochs: positiveInteger,
    distance: positive,
    trials: positiveInteger,
  }),
  inputs: {},
  outputs: { checks: json<readonly TheoryCheck[]>() },
  run: ({ params: { conditions, trials, ...shared } }) => ({
    checks: conditions.map((condition): TheoryCheck => {
      const growths = Array.from({ length: trials }, (_, trial) => {
        const random = randomStream(0, 'Corollary 3.1', { condition, trial });
        return largestGrowth(concentrationsOnQuadratics({ ...shared, condition }, random));
      });
      return {
        statement: 'Corollary 3.1: κ̂ falls from one epoch to the next',
        computed:
          `largest ratio of κ̂ to κ̂ one epoch before: quadratics with condition number ${condition}, d = ${shared.dimension}, ` +
          `n_b = ${shared.minibatches}, step ${shared.learningRate}, ${shared.epochs} epochs, ${trials} trials`,
        measured: Math.max(...growths),
        relation: '<',
        bound: 1,
      };
    }),
  }),
});
