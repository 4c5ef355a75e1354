import { describe, expect, it } from 'vitest';
import proxyTable from '../../../stages/tables/proxy-table.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { storedTable } from '../stored-table.ts';

const row = (architecture: string, epoch: number, group: string, dimension: number, kappa: number | null) => ({
  ...{ architecture, epoch, group, dimension, kappa },
  noiseFloor: 1,
});

describe('proxy-table', () => {
  it('correlates κ̂ of the normalisation with that of all, where a network has both', async () => {
    const rows = [0, 1, 2, 3].flatMap((epoch) => [
      row('fnn+bn', epoch, 'all', 100, 1000 / (epoch + 1)),
      row('fnn+bn', epoch, 'normalisation', 10, epoch === 3 ? null : 400 / (epoch + 1) ** 2),
      row('fnn', epoch, 'all', 100, 50),
    ]);
    const { csv } = proxyTable.run(contextWithoutCompute({}, { table: await storedTable(rows) })) as { csv: string };
    const [, line, end] = csv.split('\n');
    const [architecture, checkpoints, spearman, pearson, least, largest] = line?.split(',') ?? [];
    expect([architecture, checkpoints, end]).toEqual(['fnn+bn', '3', '']);
    expect(Number(spearman)).toBeCloseTo(1, 12);
    expect(Number(pearson)).toBeCloseTo(1, 12);
    expect(Number(largest)).toBeCloseTo(4, 12);
    expect(Number(least)).toBeCloseTo(4 / 3, 12);
  });
});
