import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { safetensors } from '../../src/engine/stage/codecs/safetensors.ts';
import { Failure, type Tensors } from '../../src/engine/stage/index.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import type { AngleRow } from '../../src/sgd/figures/plots/angles-figure.ts';
import { meanAndStd } from '../../src/sgd/figures/summary.ts';
import { angleInDegrees, asymptoticAngleDensity, asymptoticAngleDeviation } from '../../src/sgd/statistics/angles.ts';
import { gaussianDensityEstimate, silvermanBandwidth } from '../../src/sgd/statistics/density.ts';
import { type Checkpoint, checkpointsOf, type EvaluationMetrics } from '../support/checkpoints.ts';
import { tableOf } from '../support/rows.ts';

/** Points of each density curve. */
const CURVE_POINTS = 257;
/** The range of the curves: standard deviations of the limit, and bandwidths beyond the smallest and largest angle. */
const REACH = { deviations: 4.5, bandwidths: 3 };

const params = v.strictObject({
  /** The gathered architectures to show. */
  architecture: v.string(),
  /** The dimensions d whose asymptotic densities are compared. */
  dimensions: v.pipe(v.array(v.pipe(v.number(), v.minValue(1))), v.minLength(1)),
});

/**
 * Density curves of the angle between one fixed random direction and minibatch gradients, at the first and the last
 * checkpoint of each seed, and those that uniformly random directions would have.
 */
export default defineStage({
  params,
  inputs: {
    projections: many(safetensors),
    training: many(json<EvaluationMetrics>()),
  },
  outputs: { table: arrow },
  run: ({ params, inputs }) => {
    const isShown = ({ architecture }: Checkpoint<unknown>) => architecture === params.architecture;
    const samples = checkpointsOf('projections', inputs.projections).filter(isShown);
    const training = checkpointsOf('training', inputs.training).filter(isShown);
    if (samples.length === 0) {
      throw new Failure('stage', {
        fact: `no projections of minibatch gradients are of the architecture "${params.architecture}"`,
        fix: 'name an architecture that the input "projections" gathers in the param "architecture"',
      });
    }
    const epochs = samples.map(({ epoch }) => epoch);
    const first = Math.min(...epochs);
    const last = Math.max(...epochs);
    const rows = params.dimensions.flatMap((dimension) =>
      asymptoticCurve(dimension, Math.min(...params.dimensions)).map(
        (point): AngleRow => ({
          panel: 'asymptotic',
          series: 'asymptotic',
          dimension,
          seed: null,
          ...point,
          ...nowhere,
        }),
      ),
    );
    rows.push(...checkpointRows('initial', first, samples, training));
    if (last > first) rows.push(...checkpointRows('last', last, samples, training));
    return { table: tableOf(rows) };
  },
});

interface CurvePoint {
  readonly angle: number;
  readonly density: number;
}

const nowhere = { epoch: null, trainingAccuracy: null };

function checkpointRows(
  panel: 'initial' | 'last',
  epoch: number,
  samples: readonly Checkpoint<Tensors>[],
  training: readonly Checkpoint<EvaluationMetrics>[],
): AngleRow[] {
  const here = samples.filter((sample) => sample.epoch === epoch);
  const accuracies = training.filter((metrics) => metrics.epoch === epoch).map(({ value }) => value.accuracy);
  const trainingAccuracy = accuracies.length > 0 ? meanAndStd(accuracies).mean : null;
  const dimension = dimensionOf(here[0]);
  const common = { panel, dimension, epoch, trainingAccuracy };
  return [
    ...asymptoticCurve(dimension, dimension).map(
      (point): AngleRow => ({ ...common, series: 'asymptotic', seed: null, ...point }),
    ),
    ...here.flatMap((sample) =>
      gradientCurve(sample).map((point): AngleRow => ({ ...common, series: 'gradients', seed: sample.seed, ...point })),
    ),
  ];
}

/** The limit N(90, (180/π)²/d), over the range where the one of `widest` dimensions is not negligible. */
function asymptoticCurve(dimension: number, widest: number): CurvePoint[] {
  const reach = REACH.deviations * asymptoticAngleDeviation(widest);
  return Array.from(evenGrid(90 - reach, 90 + reach), (angle) => ({
    angle,
    density: asymptoticAngleDensity(dimension, angle),
  }));
}

function gradientCurve(sample: Checkpoint<Tensors>): CurvePoint[] {
  const projections = sample.value.projections?.data;
  if (!(projections instanceof Float64Array) || projections.length < 2) {
    throw malformedSample(sample, 'no float64 tensor "projections" of at least two minibatches');
  }
  const measured = projections.map(angleInDegrees);
  const bandwidth = silvermanBandwidth(measured);
  if (!(bandwidth > 0)) throw malformedSample(sample, 'no spread: all its angles are the same');
  const margin = REACH.bandwidths * bandwidth;
  const grid = evenGrid(
    measured.reduce((least, angle) => Math.min(least, angle)) - margin,
    measured.reduce((most, angle) => Math.max(most, angle)) + margin,
  );
  const densities = gaussianDensityEstimate(measured, grid, bandwidth);
  return Array.from(grid, (angle, index) => ({ angle, density: densities[index] as number }));
}

function dimensionOf(sample: Checkpoint<Tensors> | undefined): number {
  const dimension = sample?.value.dimension?.data[0];
  if (sample && dimension === undefined) throw malformedSample(sample, 'no tensor "dimension"');
  return dimension as number;
}

function malformedSample({ architecture, seed, epoch }: Checkpoint<Tensors>, fact: string): Failure {
  return new Failure('stage', {
    fact: `the sample of ${architecture}, seed ${seed}, epoch ${epoch} has ${fact}`,
    fix: 'bind "projections" to the output of a stage that projects minibatch gradients, at least two of them',
  });
}

function evenGrid(from: number, to: number): Float64Array {
  const step = (to - from) / (CURVE_POINTS - 1);
  return Float64Array.from({ length: CURVE_POINTS }, (_, index) => from + index * step);
}
