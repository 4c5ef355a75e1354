import { describe, expect, it } from 'vitest';
import accuracyByEpoch from '../../../stages/tables/accuracy-by-epoch.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { measurementsFolder } from '../measurements-folder.ts';

const COLUMNS = ['validationExamples', 'validationLoss', 'validationAccuracy'];

/** A folder with the validation accuracies of runs by epoch. */
function measured(runs: Readonly<Record<string, readonly number[]>>): string {
  const rows = Object.entries(runs).map(([name, accuracies]) => [
    name,
    accuracies.map((accuracy) => [100, 1, accuracy]),
  ]);
  return measurementsFolder(COLUMNS, Object.fromEntries(rows));
}

async function tablesOf(measurements: string, params: unknown) {
  const outputs = await accuracyByEpoch.run(contextWithoutCompute(params as never, { measurements }));
  return outputs as { csv: string; markdown: string };
}

describe('accuracy-by-epoch', () => {
  it('gives the best of the first epochs, the mean over seeds, and the distance from the paper in all', async () => {
    const folder = measured({ 'cnn 1': [0.1, 0.5, 0.4, 0.6], 'cnn 2': [0.1, 0.3, 0.5, 0.2], 'cnn+bn 1': [0.1, 0.73] });
    const { csv, markdown } = await tablesOf(folder, { architectures: ['cnn', 'cnn+bn', 'fnn'], epochs: [1, 3] });
    const [columns, ...lines] = csv.trimEnd().split('\n');
    expect(columns).toBe('epochs,cnn_percent,cnn+bn_percent,fnn_percent,difference_in_paper_std');
    const rows = lines.map((line) => line.split(','));
    expect(rows.map((row) => row.slice(0, 4).map(Number))).toEqual([
      [1, expect.closeTo(40, 10), expect.closeTo(73, 10), 0],
      [3, expect.closeTo(55, 10), expect.closeTo(73, 10), 0],
    ]);
    expect(rows.map((row) => row[3])).toEqual(['', '']);
    // cnn+bn has the paper's accuracy.
    expect(Number(rows[0]?.[4])).toBeCloseTo((53.78 - 40) / 3.22 / Math.SQRT2, 10);
    expect(Number(rows[1]?.[4])).toBeCloseTo((55 - 53.78) / 3.22 / Math.SQRT2, 10);
    expect(markdown).toMatch(/\| 3 +\| +55\.00 \| +73\.00 \| +– \| +0\.268 \|/);
  });

  it('has no distance where the paper has none of the networks', async () => {
    const { markdown } = await tablesOf(measured({ 'own 1': [0.1, 0.2] }), { architectures: ['own'], epochs: [1] });
    expect(markdown).toMatch(/\| 1 +\| +20\.00 \| +– \|/);
  });
});
