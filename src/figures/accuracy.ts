import { PAPER_ACCURACIES } from './paper.ts';
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

const HEADINGS = ['architecture', 'ours (%)', 'seeds', 'best epoch', 'paper (%)'];

/** The accuracy table as a Markdown table: ours beside the paper's. */
export function accuracyMarkdown(rows: readonly AccuracyRow[]): string {
  return markdownTable(
    HEADINGS,
    rows.map((row) => [
      row.architecture,
      formatOurs(row),
      String(row.seeds),
      String(row.bestEpoch),
      formatPaper(row.architecture) ?? '–',
    ]),
  );
}

/** The accuracy table as CSV, accuracies in per cent at full precision. */
export function accuracyCsv(rows: readonly AccuracyRow[]): string {
  return csvTable(
    ['architecture', 'mean_percent', 'std_percent', 'seeds', 'best_epoch', 'paper_mean_percent', 'paper_std_percent'],
    rows.map(({ architecture, mean, std, seeds, bestEpoch }) => {
      const paper = PAPER_ACCURACIES[architecture];
      return [architecture, 100 * mean, std === null ? null : 100 * std, seeds, bestEpoch, paper?.mean, paper?.std];
    }),
  );
}
