import * as v from 'valibot';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { randomStream } from '../../src/engine/stage/index.ts';
import { defineStage } from '../../src/engine/stage/stage.ts';
import { type TheoryCheck, tightest } from '../../src/sgd/figures/tables/theory.ts';
import {
  checkStep,
  deflected,
  randomMinimisers,
  resultantOf,
  slopeError,
} from '../../src/sgd/statistics/theory/theorem-3.ts';
import { positiveInteger } from '../support/params.ts';
import { LEMMA_2, THEOREM_3 } from './claims.ts';

/** The share of ξ that the random directions use. */
const SHARE = 0.999;
/** The error of a central difference of the second order. */
const TOLERANCE = 1e-6;

/** Lemma 2 and Theorem 3 at random points. */
export default defineStage({
  params: v.strictObject({
    dimensions: v.array(v.pipe(positiveInteger, v.minValue(2))),
    /** n_b */
    minimisers: positiveInteger,
    /** The distance of the minimisers' mean from w, where their own spread is 1 in each direction. */
    distances: v.array(v.number()),
    trials: positiveInteger,
  }),
  inputs: {},
  outputs: { checks: json<readonly TheoryCheck[]>() },
  run: ({ params: { dimensions, minimisers, distances, trials } }) => {
    const places = dimensions.flatMap((dimension) => distances.map((distance) => ({ dimension, distance })));
    const found = places.flatMap(({ dimension, distance }) => {
      const stream = randomStream(0, 'Theorem 3', { dimension, distance });
      return Array.from({ length: trials }, () => {
        const points = randomMinimisers(dimension, minimisers, distance, stream);
        const u = resultantOf(points);
        const along = checkStep(points, u);
        const aside = checkStep(points, deflected(u, SHARE * along.tolerated, stream));
        const where = `${places.length * trials} random sets of ${minimisers} points; there d = ${dimension}, ‖E p_j − w‖ = ${distance}`;
        return { where, lemma: along.ratio, theorem: aside.ratio, slope: slopeError(points) };
      });
    });
    const worst = (statement: string, what: string, name: 'lemma' | 'theorem') =>
      tightest(
        found.map(({ where, [name]: measured }) => ({
          statement,
          computed: `largest ratio of the two, ${what}, ${where}`,
          measured,
          relation: '<',
          bound: 1,
        })),
      );
    return {
      checks: [
        worst(LEMMA_2, 'step εu', 'lemma'),
        tightest(
          found.map(({ where, slope }) => ({
            statement: 'Lemma 2: f′(0) = −2 Σ (‖u‖² − ⟨u, x_j⟩²)/‖p_j − w‖',
            computed: `largest relative deviation from central differences, ${where}`,
            measured: slope,
            relation: '≤',
            bound: TOLERANCE,
          })),
        ),
        worst(THEOREM_3, `‖u − v‖ = ${SHARE} ξ, step εv`, 'theorem'),
      ],
    };
  },
});
