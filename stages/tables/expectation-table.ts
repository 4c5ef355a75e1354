import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { csv, markdown } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { expectedConcentration } from '../../src/sgd/figures/expected-concentration.ts';
import { groupBy, isPositive } from '../../src/sgd/figures/summary.ts';
import { csvTable, decimals, markdownTable } from '../../src/sgd/figures/tables/text-table.ts';
import { correlationsOf } from '../../src/sgd/statistics/correlation.ts';
import { noiseScaleRows } from '../support/noise-scale-rows.ts';

/** κ̂ over its prediction from the noise scale, alone and with normSNR, over the checkpoints of each run. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { table: one(arrow) },
  outputs: { csv, markdown },
  run({ inputs }) {
    const runs = groupBy(noiseScaleRows('table', inputs.table), ({ architecture, seed }) =>
      JSON.stringify([architecture, seed]),
    );
    const rows = [...runs.values()].flatMap((run) => {
      const points = run.flatMap(({ dimension, samples, batchSize, noiseScale, kappa, normSnr }) => {
        if (!isPositive(batchSize) || !isPositive(noiseScale) || !isPositive(kappa) || !isPositive(normSnr)) return [];
        const sample = { noiseScale, batchSize, samples };
        return [
          {
            noiseScale,
            kappa,
            alone: kappa / dimension / expectedConcentration(sample),
            withNorms: kappa / dimension / expectedConcentration({ ...sample, normSnr }),
          },
        ];
      });
      const [first] = run;
      if (!first || points.length === 0) return [];
      const rangeOf = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;
      return [
        {
          name: first.architecture,
          seed: first.seed,
          checkpoints: points.length,
          noiseScale: rangeOf(points.map(({ noiseScale }) => noiseScale)),
          spearman: correlationsOf(points.map(({ kappa, noiseScale }) => [kappa, 1 / noiseScale]))?.spearman ?? null,
          alone: rangeOf(points.map(({ alone }) => alone)),
          withNorms: rangeOf(points.map(({ withNorms }) => withNorms)),
        },
      ];
    });
    return {
      csv: csvTable(
        [
          ...['architecture', 'seed', 'checkpoints', 'least_noise_scale', 'largest_noise_scale', 'spearman'],
          ...['least_ratio', 'largest_ratio', 'least_ratio_with_norms', 'largest_ratio_with_norms'],
        ],
        rows.map((row) => [
          ...[row.name, row.seed, row.checkpoints, ...row.noiseScale, row.spearman],
          ...[...row.alone, ...row.withNorms],
        ]),
      ),
      markdown: markdownTable(
        [
          ...['architecture', 'seed', 'checkpoints', 'least B', 'largest B', 'Spearman κ̂, 1/B'],
          ...['κ̂ over its prediction from B, least', 'largest', 'with normSNR, least', 'largest'],
        ],
        rows.map((row) => [
          ...[row.name, String(row.seed), String(row.checkpoints)],
          ...row.noiseScale.map((value) => String(Number(value.toPrecision(3)))),
          ...[row.spearman, ...row.alone, ...row.withNorms].map(decimals),
        ]),
      ),
    };
  },
});
