import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { csv, markdown } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import { groupBy } from '../../src/sgd/figures/summary.ts';
import {
  type CorrelationRow,
  correlationCsv,
  correlationMarkdown,
  correlationVerdict,
} from '../../src/sgd/figures/tables/correlation.ts';
import { correlationsOf } from '../../src/sgd/statistics/correlation.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { type Checkpoint, checkpointsOf } from '../support/checkpoints.ts';
import { tableOf } from '../support/rows.ts';

/** How SNR correlates with κ̂ and with normSNR over the checkpoints of each run. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { statistics: many(json<DirectionalStatistics>()) },
  outputs: { table: arrow, markdown, csv },
  run: ({ inputs }) => {
    const checkpoints = checkpointsOf('statistics', inputs.statistics);
    const runs = groupBy(checkpoints, ({ architecture, seed }) => JSON.stringify([architecture, seed]));
    const rows = [...runs.values()].map(correlationRow);
    return { table: tableOf(rows), markdown: correlationMarkdown(rows), csv: correlationCsv(rows) };
  },
});

function correlationRow(run: readonly Checkpoint<DirectionalStatistics>[]): CorrelationRow {
  const { architecture, seed } = run[0] as Checkpoint<DirectionalStatistics>;
  // The two correlations are compared, so they are of the same checkpoints.
  const measured = run.flatMap(({ value: { snr, kappa, normSnr } }) =>
    isPositive(snr) && isPositive(kappa) && isPositive(normSnr) ? [{ snr, kappa, normSnr }] : [],
  );
  const withKappa = correlationsOf(measured.map(({ snr, kappa }) => [snr, kappa]));
  const withNormSnr = correlationsOf(measured.map(({ snr, normSnr }) => [snr, normSnr]));
  const spearmanKappa = withKappa?.spearman ?? null;
  const spearmanNormSnr = withNormSnr?.spearman ?? null;
  const pearsonKappa = withKappa?.pearson ?? null;
  const pearsonNormSnr = withNormSnr?.pearson ?? null;
  return {
    architecture,
    seed,
    checkpoints: measured.length,
    spearmanKappa,
    spearmanNormSnr,
    pearsonKappa,
    pearsonNormSnr,
    spearmanVerdict: correlationVerdict(spearmanKappa, spearmanNormSnr),
    pearsonVerdict: correlationVerdict(pearsonKappa, pearsonNormSnr),
  };
}

function isPositive(value: number | null): value is number {
  return value !== null && value > 0;
}
