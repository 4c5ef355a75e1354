import { describe, expect, it } from 'vitest';
import { expectedConcentration } from '../../../src/sgd/figures/expected-concentration.ts';
import expectationTable from '../../../stages/tables/expectation-table.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { storedTable } from '../stored-table.ts';

const sample = { batchSize: 64, samples: 100 };

const row = (seed: number, noiseScale: number | null, ratio: number) => {
  const dimension = 1000;
  const kappa = noiseScale === null ? 1 : ratio * dimension * expectedConcentration({ ...sample, noiseScale });
  return { architecture: 'fnn', seed, epoch: 0, noiseFloor: 1, dimension, ...sample, noiseScale, kappa, normSnr: 1 };
};

describe('expectation-table', () => {
  it('gives the range of κ̂ over what is expected of it, for each run', async () => {
    const rows = [row(1, 100, 1), row(1, 200, 1.5), row(1, 400, 1.2), row(1, null, 1), row(2, 50, 2), row(3, null, 1)];
    const outputs = expectationTable.run(contextWithoutCompute({}, { table: await storedTable(rows) }));
    const { csv, markdown } = outputs as { csv: string; markdown: string };
    const lines = csv.trimEnd().split('\n').slice(1);
    const [first, second] = lines.map((line) => line.split(','));
    expect(lines).toHaveLength(2);
    expect(first?.slice(0, 5)).toEqual(['fnn', '1', '3', '100', '400']);
    expect(Number(first?.[5])).toBeCloseTo(1, 12);
    expect(Number(first?.[6])).toBeCloseTo(1, 12);
    expect(Number(first?.[7])).toBeCloseTo(1.5, 12);
    // normSNR = 1 doubles ρ².
    const both =
      expectedConcentration({ ...sample, noiseScale: 50 }) /
      expectedConcentration({ ...sample, noiseScale: 50, normSnr: 1 });
    expect(Number(second?.[8])).toBeCloseTo(2 * both, 12);
    // One checkpoint has no correlation.
    expect(markdown).toMatch(/\| fnn +\| +2 \| +1 \| +50 \| +50 \| +– \|/);
  });
});
