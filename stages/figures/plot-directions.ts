import * as v from 'valibot';
import { png } from '../../src/engine/stage/codecs/png.ts';
import { svg } from '../../src/engine/stage/codecs/text.ts';
import { randomStream } from '../../src/engine/stage/index.ts';
import { defineStage } from '../../src/engine/stage/stage.ts';
import { directionsFigure } from '../../src/sgd/figures/plots/directions-figure.ts';
import { besselRatio } from '../../src/sgd/statistics/concentration.ts';
import { vonMisesFisherSampler } from '../../src/sgd/statistics/sampler.ts';
import { draw } from '../support/draw.ts';
import { positiveInteger } from '../support/params.ts';
import { finiteNumber, planePoint } from '../support/plane-point.ts';

/** Samples of von Mises–Fisher distributions on the circle (Figure 1). */
export default defineStage({
  params: v.strictObject({
    seed: v.pipe(v.number(), v.safeInteger()),
    /** µ */
    meanDirection: planePoint,
    /** κ of each panel. */
    kappas: v.pipe(v.array(v.pipe(finiteNumber, v.minValue(0))), v.minLength(1)),
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
