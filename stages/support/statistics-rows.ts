import type { StatisticsRow } from '../../src/sgd/figures/tables/statistics.ts';
import { type Checkpoint, placeOf } from './checkpoints.ts';

/** Each row with the validation accuracy of its run at its epoch; null where that was not validated. */
export function withValidationAccuracy<Row extends Omit<StatisticsRow, 'validationAccuracy'>>(
  rows: readonly Row[],
  validation: readonly Checkpoint<{ readonly accuracy: number }>[],
): (Row & Pick<StatisticsRow, 'validationAccuracy'>)[] {
  const accuracies = new Map(validation.map((checkpoint) => [placeOf(checkpoint), checkpoint.value.accuracy]));
  return rows.map((row) => ({ ...row, validationAccuracy: accuracies.get(placeOf(row)) ?? null }));
}
