import { op, table } from 'arquero';

export interface Correlations {
  /** Pearson's, of the logarithms. */
  readonly pearson: number;
  /** Spearman's: Pearson's of the ranks, ties sharing their mean rank. */
  readonly spearman: number;
}

/** With two points every correlation is ±1. */
const FEWEST_POINTS = 3;

/**
 * Correlations of positive quantities.
 *
 * @returns null for fewer than three points, or where one of the quantities does not vary.
 */
export function correlationsOf(points: readonly (readonly [x: number, y: number])[]): Correlations | null {
  if (points.length < FEWEST_POINTS) return null;
  const { pearson, spearman } = table({
    x: points.map(([x]) => Math.log(x)),
    y: points.map(([, y]) => Math.log(y)),
  })
    .orderby('x')
    .derive({ xRank: op.avg_rank() })
    .orderby('y')
    .derive({ yRank: op.avg_rank() })
    .rollup({ pearson: op.corr('x', 'y'), spearman: op.corr('xRank', 'yRank') })
    .object() as Correlations;
  return Number.isFinite(pearson) && Number.isFinite(spearman) ? { pearson, spearman } : null;
}
