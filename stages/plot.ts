import * as v from 'valibot';
import { arrow } from '../src/engine/stage/codecs/arrow.ts';
import { json } from '../src/engine/stage/codecs/json.ts';
import { png } from '../src/engine/stage/codecs/png.ts';
import { csv, markdown, svg } from '../src/engine/stage/codecs/text.ts';
import { Failure } from '../src/engine/stage/index.ts';
import { defineStage, many, one } from '../src/engine/stage/stage.ts';
import { type AccuracyRow, accuracyCsv, accuracyMarkdown } from '../src/sgd/figures/accuracy.ts';
import { type AngleRow, anglesFigure } from '../src/sgd/figures/angles.ts';
import { type ConcentrationRow, concentrationFigure } from '../src/sgd/figures/concentration.ts';
import {
  type BalancedGradients,
  type NormStochasticityRow,
  normStochasticityFigure,
} from '../src/sgd/figures/norm-stochasticity.ts';
import { type StatisticsRow, statisticsCsv, statisticsMarkdown } from '../src/sgd/figures/statistics.ts';
import { balancedVectors } from '../src/sgd/statistics/balance.ts';
import { sumOf, unit } from '../src/sgd/statistics/minimisers.ts';
import { draw } from './support/draw.ts';
import { rowsOf } from './support/rows.ts';

const ACCURACY_COLUMNS = ['architecture', 'mean', 'std', 'seeds', 'bestEpoch'] as const;

/** κ̂ against the epoch, one panel per architecture (Figure 5). */
export const concentration = /* @__PURE__ */ defineStage({
  params: /* @__PURE__ */ v.strictObject({
    /** The scale of the experiment, shown under the figure, by architecture; an architecture may have none. */
    captions: /* @__PURE__ */ v.record(/* @__PURE__ */ v.string(), /* @__PURE__ */ v.string()),
    /** The order of the panels; those without rows are left out. */
    architectures: /* @__PURE__ */ v.pipe(
      /* @__PURE__ */ v.array(/* @__PURE__ */ v.string()),
      /* @__PURE__ */ v.minLength(1),
    ),
  }),
  inputs: { table: /* @__PURE__ */ one(arrow), accuracy: /* @__PURE__ */ one(arrow) },
  outputs: { svg, png },
  run: async ({ params, inputs }) => {
    const columns = ['architecture', 'seed', 'epoch', 'kappa', 'noiseFloor'] as const;
    const rows = rowsOf<ConcentrationRow>('table', inputs.table, columns);
    const accuracies = rowsOf<AccuracyRow>('accuracy', inputs.accuracy, ACCURACY_COLUMNS);
    const unlisted = rows.find(({ architecture }) => !params.architectures.includes(architecture));
    if (unlisted) {
      throw new Failure('stage', {
        fact: `the table has the architecture "${unlisted.architecture}", which the param "architectures" does not list`,
        fix: 'list it, at the place where its panel is to stand',
      });
    }
    return draw(concentrationFigure(rows, accuracies, params));
  },
});

/** Densities of the angle between minibatch gradients and a random direction (Figure 3). */
export const angles = /* @__PURE__ */ defineStage({
  params: /* @__PURE__ */ v.strictObject({
    /** The scale of the experiment, shown under the figure; none when empty. */
    caption: /* @__PURE__ */ v.string(),
  }),
  inputs: { table: /* @__PURE__ */ one(arrow) },
  outputs: { svg, png },
  run: ({ params, inputs }) => {
    const columns = ['panel', 'series', 'dimension', 'seed', 'angle', 'density', 'epoch', 'trainingAccuracy'] as const;
    return draw(anglesFigure(rowsOf<AngleRow>('table', inputs.table, columns), params.caption));
  },
});

/** Norm stochasticity against the minibatch size, with three balanced gradients (Figure 2). */
export const normStochasticity = /* @__PURE__ */ defineStage({
  params: /* @__PURE__ */ v.strictObject({
    /** The scale of the experiment, shown under the figure. */
    caption: /* @__PURE__ */ v.string(),
    /** The lengths of three unequal gradients that cancel: the sides of a triangle. */
    unequalNorms: /* @__PURE__ */ v.tuple([
      /* @__PURE__ */ v.number(),
      /* @__PURE__ */ v.number(),
      /* @__PURE__ */ v.number(),
    ]),
  }),
  inputs: { table: /* @__PURE__ */ one(arrow) },
  outputs: { svg, png },
  run: ({ params, inputs }) => {
    const columns = ['seed', 'batchSize', 'minibatches', 'meanNorm', 'stdNorm', 'stochasticity'] as const;
    const rows = rowsOf<NormStochasticityRow>('table', inputs.table, columns);
    const balanced = { equal: balance([1, 1, 1]), unequal: balance(params.unequalNorms) };
    return draw(normStochasticityFigure(rows, balanced, params.caption));
  },
});

function balance(norms: readonly [number, number, number]): BalancedGradients {
  const gradients = balancedVectors(norms);
  const directions = gradients.map(unit) as [number, number][];
  return { gradients, directions, resultant: sumOf(directions) as [number, number] };
}

/** Best validation accuracies, with the paper's. */
export const accuracy = /* @__PURE__ */ defineStage({
  params: /* @__PURE__ */ v.strictObject({}),
  inputs: { table: /* @__PURE__ */ one(arrow) },
  outputs: { markdown, csv },
  run: ({ inputs }) => {
    const rows = rowsOf<AccuracyRow>('table', inputs.table, ACCURACY_COLUMNS);
    return { markdown: accuracyMarkdown(rows), csv: accuracyCsv(rows) };
  },
});

/** κ̂, SNR and normSNR at every checkpoint, with the validation accuracy there. */
export const statistics = /* @__PURE__ */ defineStage({
  params: /* @__PURE__ */ v.strictObject({}),
  inputs: {
    table: /* @__PURE__ */ one(arrow),
    validation: /* @__PURE__ */ many(/* @__PURE__ */ json<{ readonly accuracy: number }>()),
  },
  outputs: { markdown, csv },
  run: ({ inputs }) => {
    const columns = ['architecture', 'seed', 'epoch', 'kappa', 'kappaLower', 'kappaUpper', 'snr', 'normSnr'] as const;
    const accuracies = new Map(
      inputs.validation.map(({ coordinates: { architecture, seed, epoch }, value }) => [
        JSON.stringify([architecture, seed, epoch]),
        value.accuracy,
      ]),
    );
    const rows = rowsOf<Omit<StatisticsRow, 'validationAccuracy'>>('table', inputs.table, columns).map((row) => ({
      ...row,
      validationAccuracy: accuracies.get(JSON.stringify([row.architecture, row.seed, row.epoch])) ?? null,
    }));
    return { markdown: statisticsMarkdown(rows), csv: statisticsCsv(rows) };
  },
});
