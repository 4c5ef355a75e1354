import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { csv, markdown } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import type { LayerRow } from '../../src/sgd/figures/plots/layers-figure.ts';
import { groupBy } from '../../src/sgd/figures/summary.ts';
import { csvTable, decimals, markdownTable } from '../../src/sgd/figures/tables/text-table.ts';
import { correlationsOf } from '../../src/sgd/statistics/correlation.ts';
import { rowsOf } from '../support/rows.ts';

const COLUMNS = ['architecture', 'epoch', 'group', 'dimension', 'kappa', 'noiseFloor'] as const;

/** Whether κ̂ of the normalisation's parameters alone goes together with κ̂ of all parameters over the checkpoints of a run. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { table: one(arrow) },
  outputs: { csv, markdown },
  run({ inputs }) {
    const runs = groupBy(rowsOf<LayerRow>('table', inputs.table, COLUMNS), ({ architecture }) => architecture);
    const rows = [...runs].flatMap(([architecture, run]) => {
      const concentrations = (group: string) =>
        new Map(
          run.flatMap((row) => (row.group === group && row.kappa ? [[row.epoch, row.kappa / row.dimension]] : [])),
        );
      const [all, part] = [concentrations('all'), concentrations('normalisation')];
      const points = [...all].flatMap(([epoch, whole]): [number, number][] => {
        const ofPart = part.get(epoch);
        return ofPart === undefined ? [] : [[whole, ofPart]];
      });
      if (points.length === 0) return [];
      const correlations = correlationsOf(points);
      const ratios = points.map(([whole, ofPart]) => ofPart / whole);
      return [
        {
          architecture,
          checkpoints: points.length,
          spearman: correlations?.spearman ?? null,
          pearson: correlations?.pearson ?? null,
          leastRatio: Math.min(...ratios),
          largestRatio: Math.max(...ratios),
        },
      ];
    });
    const headings = ['architecture', 'checkpoints', 'Spearman', 'Pearson (log)', 'least ratio of κ̂/d', 'largest'];
    return {
      csv: csvTable(
        ['architecture', 'checkpoints', 'spearman', 'pearson', 'least_ratio', 'largest_ratio'],
        rows.map((row) => Object.values(row)),
      ),
      markdown: markdownTable(
        headings,
        rows.map((row) => [
          row.architecture,
          String(row.checkpoints),
          ...[row.spearman, row.pearson, row.leastRatio, row.largestRatio].map(decimals),
        ]),
      ),
    };
  },
});
