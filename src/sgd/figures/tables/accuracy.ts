import { PAPER_ACCURACIES } from './paper-accuracies.ts';
import { csvTable, markdownTable } from './text-table.ts';

/** The best validation accuracy of an architecture over its epochs, as fractions of 1. */
export interface AccuracyRow {
  readonly architecture: string;
  /** Mean over seeds. */
  readonly mean: number;
  /** Sample standard deviation over seeds; null for one seed. */
  readonly std: number | null;
  readonly seeds: number;
  /** Median over seeds of the first epoch with the best accuracy. */
  readonly bestEpoch: number;
}

const percent = (fraction: number) => (100 * fraction).toFixed(2);

/** `98.21 ± 0.03`, in per cent; `98.21` for one seed. */
export function formatOurs({ mean, std }: AccuracyRow): string {
  return std === null ? percent(mean) : `${percent(mean)} ± ${percent(std)}`;
}

/** `98.18 ± 0.04`, in per cent; undefined for an architecture that the paper does not have. */
export function formatPaper(architecture: string): string | undefined {
  const paper = PAPER_ACCURACIES[architecture];
  return paper && `${paper.mean.toFixed(2)} ± ${paper.std.toFixed(2)}`;
}

const HEADINGS = ['architecture', 'ours (%)', 'seeds', 'best epoch', 'paper (%)', 'difference (σ of the paper)'];

/** The accuracy table as a Markdown table: our values next to the paper's. */
export function accuracyMarkdown(rows: readonly AccuracyRow[]): string {
  return markdownTable(
    HEADINGS,
    rows.map((row) => [
      row.architecture,
      formatOurs(row),
      String(row.seeds),
      String(row.bestEpoch),
      formatPaper(row.architecture) ?? '–',
      formatDifference(beside(row)),
    ]),
  );
}

/** The accuracy table with the paper's numbers, for Arrow: fractions of 1, null where the paper has none. */
export interface AccuracyBesidePaper extends AccuracyRow {
  readonly paperMean: number | null;
  readonly paperStd: number | null;
  /** How far our value is above the paper's mean, in the paper's standard deviations. */
  readonly paperDeviations: number | null;
}

/** Adds the paper's accuracy to ours. */
export function beside(row: AccuracyRow): AccuracyBesidePaper {
  const paper = PAPER_ACCURACIES[row.architecture];
  if (!paper) return { ...row, paperMean: null, paperStd: null, paperDeviations: null };
  const paperDeviations = (100 * row.mean - paper.mean) / paper.std;
  return { ...row, paperMean: paper.mean / 100, paperStd: paper.std / 100, paperDeviations };
}

/** `−1.4`; a dash where the paper has none. */
function formatDifference({ paperDeviations }: AccuracyBesidePaper): string {
  if (paperDeviations === null) return '–';
  // Adding 0 turns −0 into 0.
  return (Math.round(10 * paperDeviations) / 10 + 0).toFixed(1).replace('-', '−');
}

/** The accuracy table as CSV, accuracies in per cent at full precision. */
export function accuracyCsv(rows: readonly AccuracyRow[]): string {
  return csvTable(
    [
      ...['architecture', 'mean_percent', 'std_percent', 'seeds', 'best_epoch'],
      ...['paper_mean_percent', 'paper_std_percent', 'difference_in_paper_std'],
    ],
    rows.map((row) => {
      const { architecture, mean, std, seeds, bestEpoch } = row;
      const paper = PAPER_ACCURACIES[architecture];
      return [
        ...[architecture, 100 * mean, std === null ? null : 100 * std, seeds, bestEpoch],
        ...[paper?.mean, paper?.std, beside(row).paperDeviations],
      ];
    }),
  );
}
