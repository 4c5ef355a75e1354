import * as v from 'valibot';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { randomStream } from '../../src/engine/stage/index.ts';
import { defineStage } from '../../src/engine/stage/stage.ts';
import type { TheoryCheck } from '../../src/sgd/figures/tables/theory.ts';
import {
  exactDistance,
  sampleDistance,
  sampleDistanceBound,
  standardisedAngles,
} from '../../src/sgd/statistics/theory/theorem-2.ts';
import { positiveInteger } from '../support/params.ts';

const dimensions = v.pipe(v.array(v.pipe(positiveInteger, v.minValue(3))), v.minLength(1));

/** The distance falls as 0.1634/d; from d = 10 on, this bound includes the rest of the expansion. */
const RATE = 0.2;

/** Theorem 2: √d (θ − 90°) between uniformly random directions tends to N(0, (180/π)²). */
export default defineStage({
  params: v.strictObject({
    /** d at which the exact distribution is compared with the limit. */
    exact: dimensions,
    /** d at which pairs of directions are drawn. */
    sampled: dimensions,
    samples: positiveInteger,
  }),
  inputs: {},
  outputs: { checks: json<readonly TheoryCheck[]>() },
  run: ({ params: { exact, sampled, samples }, progress }) => ({
    checks: [
      ...exact.map(
        (dimension): TheoryCheck => ({
          statement: 'Theorem 2: √d(θ − 90°) tends to N(0, (180/π)²)',
          computed: `largest distance of the exact distribution function from the limit’s, and ${RATE}/d, d = ${dimension}`,
          measured: exactDistance(dimension),
          relation: '≤',
          bound: RATE / dimension,
        }),
      ),
      ...sampled.map((dimension, index): TheoryCheck => {
        const angles = standardisedAngles(dimension, samples, randomStream(0, 'Theorem 2', { dimension }));
        progress((index + 1) / sampled.length);
        return {
          statement: 'Theorem 2: √d(θ − 90°) tends to N(0, (180/π)²)',
          computed: `Kolmogorov–Smirnov distance of ${samples} angles from the limit, d = ${dimension}; bound: the 99.9 % quantile + ${RATE}/d`,
          measured: sampleDistance(angles),
          relation: '≤',
          bound: sampleDistanceBound(samples) + RATE / dimension,
        };
      }),
    ],
  }),
});
