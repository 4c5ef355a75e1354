import * as v from 'valibot';
import { png } from '../src/engine/stage/codecs/png.ts';
import { svg } from '../src/engine/stage/codecs/text.ts';
import { randomStream } from '../src/engine/stage/index.ts';
import { defineStage } from '../src/engine/stage/stage.ts';
import { directionsFigure } from '../src/sgd/figures/directions.ts';
import { minimisersFigure } from '../src/sgd/figures/minimisers.ts';
import { besselRatio } from '../src/sgd/statistics/concentration.ts';
import { stepTowardsMinimisers } from '../src/sgd/statistics/minimisers.ts';
import { vonMisesFisherSampler } from '../src/sgd/statistics/sampler.ts';
import { draw } from './support/draw.ts';
import { positiveInteger } from './support/params.ts';

const number = /* @__PURE__ */ v.pipe(/* @__PURE__ */ v.number(), /* @__PURE__ */ v.finite());
const planePoint = /* @__PURE__ */ v.tuple([number, number]);

/** Samples of von Mises–Fisher distributions on the circle (Figure 1). */
export const directions = /* @__PURE__ */ defineStage({
  params: /* @__PURE__ */ v.strictObject({
    seed: /* @__PURE__ */ v.pipe(/* @__PURE__ */ v.number(), /* @__PURE__ */ v.safeInteger()),
    /** µ */
    meanDirection: planePoint,
    /** κ of each panel. */
    kappas: /* @__PURE__ */ v.pipe(
      /* @__PURE__ */ v.array(/* @__PURE__ */ v.pipe(number, /* @__PURE__ */ v.minValue(0))),
      /* @__PURE__ */ v.minLength(1),
    ),
    /** The number of samples of each distribution. */
    samples: positiveInteger,
  }),
  inputs: {},
  outputs: { svg, png },
  run({ params: { seed, meanDirection, kappas, samples } }) {
    const distributions = kappas.map((kappa) => {
      const next = vonMisesFisherSampler(
        meanDirection,
        kappa,
        randomStream(seed, 'directions on the circle', { kappa }),
      );
      const drawn = Array.from({ length: samples }, () => {
        const [x = 0, y = 0] = next();
        return [x, y] as const;
      });
      return { kappa, samples: drawn, meanLength: besselRatio(2, kappa) };
    });
    return draw(directionsFigure(meanDirection, distributions));
  },
});

/** A step towards the minimisers of minibatch losses (Figure 4). */
export const minimisers = /* @__PURE__ */ defineStage({
  params: /* @__PURE__ */ v.strictObject({
    /** w */
    from: planePoint,
    /** p_j, not all on one line through w. */
    minimisers: /* @__PURE__ */ v.pipe(/* @__PURE__ */ v.array(planePoint), /* @__PURE__ */ v.minLength(2)),
    /** ε of the step that is drawn. */
    epsilon: /* @__PURE__ */ v.pipe(number, /* @__PURE__ */ v.gtValue(0)),
    /** The largest ε for which the length of the sum is drawn. */
    furthest: /* @__PURE__ */ v.pipe(number, /* @__PURE__ */ v.gtValue(0)),
    /** The condition of the quadratics' Hessian diag(condition, 1). */
    condition: /* @__PURE__ */ v.pipe(number, /* @__PURE__ */ v.minValue(1)),
  }),
  inputs: {},
  outputs: { svg, png },
  run: ({ params }) => draw(minimisersFigure(stepTowardsMinimisers(params))),
});
