import type { ColumnTable } from 'arquero';
import type { NoiseScaleRow } from '../../src/sgd/figures/plots/noise-scale-figure.ts';
import { rowsOf } from './rows.ts';

const COLUMNS = [
  ...(['architecture', 'seed', 'epoch', 'dimension', 'samples'] as const),
  ...(['batchSize', 'noiseScale', 'kappa', 'normSnr', 'noiseFloor'] as const),
];

/** The rows of a table of the stage concentration-table. @param input names the table in a failure */
export function noiseScaleRows(input: string, table: ColumnTable) {
  return rowsOf<NoiseScaleRow & { readonly seed: number }>(input, table, COLUMNS);
}
