import * as v from 'valibot';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { randomStream } from '../../src/engine/stage/index.ts';
import { defineStage } from '../../src/engine/stage/stage.ts';
import { type TheoryCheck, tightest } from '../../src/sgd/figures/tables/theory.ts';
import { checkLemma1 } from '../../src/sgd/statistics/theory/lemma-1.ts';
import { positiveInteger } from '../support/params.ts';

/** The accuracy of central differences in double precision. */
const TOLERANCE = 1e-6;

/** Lemma 1: κ̂ is a strictly increasing function of r̄, with given derivatives and a Lipschitz constant. */
export default defineStage({
  params: v.strictObject({
    dimensions: v.pipe(v.array(v.pipe(positiveInteger, v.minValue(2))), v.minLength(1)),
    /** n_b */
    minibatches: positiveInteger,
    /** ε: r̄ goes from 0 to 1 − ε. */
    epsilon: v.pipe(v.number(), v.gtValue(0), v.ltValue(1)),
  }),
  inputs: {},
  outputs: { checks: json<readonly TheoryCheck[]>() },
  run: ({ params: { dimensions, minibatches, epsilon } }) => {
    const found = dimensions.map((dimension) => {
      const random = randomStream(0, 'Lemma 1', { dimension });
      return { dimension, ...checkLemma1(dimension, minibatches, epsilon, random) };
    });
    const where = (dimension: number) => `d = ${dimension}, r̄ in [0, ${1 - epsilon}]`;
    const statement = (claim: string) => `Lemma 1: ${claim}`;
    const deviation = (claim: string, name: 'firstDerivativeError' | 'secondDerivativeError') =>
      tightest(
        found.map(({ dimension, [name]: measured }) => ({
          statement: statement(claim),
          computed: `largest relative deviation from central differences, ${where(dimension)}`,
          measured,
          relation: '≤',
          bound: TOLERANCE,
        })),
      );
    return {
      checks: [
        tightest(
          found.map(({ dimension, largestRatio }) => ({
            statement: statement('κ̂ is strictly increasing in r̄'),
            computed: `largest ratio of κ̂ to κ̂ at the next of 2000 points, ${where(dimension)}`,
            measured: largestRatio,
            relation: '<',
            bound: 1,
          })),
        ),
        deviation('dκ̂/dr̄ = (d + (d−3)r̄² + r̄⁴)/(1−r̄²)²', 'firstDerivativeError'),
        deviation('h″ = 2(d−1)r̄(3+r̄²)/(n_b²(1−r̄²)³)', 'secondDerivativeError'),
        tightest(
          found.map(({ dimension, largestSlope, lipschitzConstant }) => ({
            statement: statement('h is Lipschitz on [0, n_b(1−ε)] with the constant h′(n_b(1−ε))'),
            computed: `largest slope between 2000 pairs of points, d = ${dimension}, n_b = ${minibatches}, ε = ${epsilon}`,
            measured: largestSlope,
            relation: '≤',
            bound: lipschitzConstant,
          })),
        ),
      ],
    };
  },
});
