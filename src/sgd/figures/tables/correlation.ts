import { csvTable, decimals, markdownTable } from './text-table.ts';

/** Correlations of SNR with two other quantities over the checkpoints of one run. Null where a correlation is undefined. */
export interface CorrelationRow {
  readonly architecture: string;
  readonly seed: number;
  readonly checkpoints: number;
  readonly spearmanKappa: number | null;
  readonly spearmanNormSnr: number | null;
  /** Of logarithms. */
  readonly pearsonKappa: number | null;
  readonly pearsonNormSnr: number | null;
  /** Whether the correlation of SNR with κ̂ exceeds that with normSNR, as the paper says. */
  readonly spearmanVerdict: CorrelationVerdict;
  readonly pearsonVerdict: CorrelationVerdict;
}

export type CorrelationVerdict = 'exceeds' | 'equals' | 'does not exceed' | 'undefined';

/** A smaller difference of two correlations is rounding. */
const ROUNDING = 1e-12;

/** Compares the correlation of SNR with κ̂ to that with normSNR. */
export function correlationVerdict(withKappa: number | null, withNormSnr: number | null): CorrelationVerdict {
  if (withKappa === null || withNormSnr === null) return 'undefined';
  if (Math.abs(withKappa - withNormSnr) <= ROUNDING) return 'equals';
  return withKappa > withNormSnr ? 'exceeds' : 'does not exceed';
}

/** Whether κ̂ is higher, short enough for a table of nine columns to fit a page. */
const ANSWERS: Readonly<Record<CorrelationVerdict, string>> = {
  exceeds: 'yes',
  equals: 'equal',
  'does not exceed': 'no',
  undefined: '–',
};

/** The correlations of every run, followed by how many of the runs agree with the paper. */
export function correlationMarkdown(rows: readonly CorrelationRow[]): string {
  const table = markdownTable(
    [
      'architecture',
      'seed',
      'checkpoints',
      'Spearman κ̂',
      'Spearman normSNR',
      'κ̂ higher',
      'Pearson κ̂',
      'Pearson normSNR',
      'κ̂ higher',
    ],
    rows.map((row) => [
      row.architecture,
      String(row.seed),
      String(row.checkpoints),
      decimals(row.spearmanKappa),
      decimals(row.spearmanNormSnr),
      ANSWERS[row.spearmanVerdict],
      decimals(row.pearsonKappa),
      decimals(row.pearsonNormSnr),
      ANSWERS[row.pearsonVerdict],
    ]),
  );
  const exceeding = (name: 'spearmanVerdict' | 'pearsonVerdict') =>
    rows.filter(({ [name]: verdict }) => verdict === 'exceeds').length;
  return `Correlations of SNR with κ̂ and with normSNR over the checkpoints of a run: Spearman’s, and Pearson’s of the logarithms.

${table}
The correlation of SNR with κ̂ exceeds that with normSNR in ${exceeding('spearmanVerdict')} of ${rows.length} runs by Spearman’s, \
and in ${exceeding('pearsonVerdict')} by Pearson’s of the logarithms.
`;
}

/** One line for each run, at full precision. */
export function correlationCsv(rows: readonly CorrelationRow[]): string {
  return csvTable(
    [
      'architecture',
      'seed',
      'checkpoints',
      'spearman_kappa',
      'spearman_norm_snr',
      'spearman_verdict',
      'pearson_log_kappa',
      'pearson_log_norm_snr',
      'pearson_log_verdict',
    ],
    rows.map((row) => [
      row.architecture,
      row.seed,
      row.checkpoints,
      row.spearmanKappa,
      row.spearmanNormSnr,
      row.spearmanVerdict,
      row.pearsonKappa,
      row.pearsonNormSnr,
      row.pearsonVerdict,
    ]),
  );
}
