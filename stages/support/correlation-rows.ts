import { groupBy, isPositive } from '../../src/sgd/figures/summary.ts';
import { type CorrelationRow, correlationVerdict } from '../../src/sgd/figures/tables/correlation.ts';
import { correlationsOf } from '../../src/sgd/statistics/correlation.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import type { Checkpoint } from './checkpoints.ts';

/** How SNR correlates with κ̂ and with normSNR over the checkpoints of each run. */
export function correlationRows(checkpoints: readonly Checkpoint<DirectionalStatistics>[]): CorrelationRow[] {
  const runs = groupBy(checkpoints, ({ architecture, seed }) => JSON.stringify([architecture, seed]));
  return [...runs.values()].map(correlationRow);
}

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
