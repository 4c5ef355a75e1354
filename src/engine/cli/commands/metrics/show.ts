import { csvOf } from '../../../views/metrics/csv.ts';
import { SUMMARY_HEAD, summaryCells, summaryOf } from '../../../views/metrics/metric-summary.ts';
import type { NodeMetrics } from '../../../views/metrics/node-metrics.ts';
import { formatTable } from '../../../views/terminal/format.ts';
import { line, printBytes, printJson } from '../../process/output.ts';
import { type MetricsOptions, withMetrics } from './select.ts';

export interface ShowOptions extends MetricsOptions {
  readonly csv?: boolean;
}

/** `vmfdag metrics show [NODE…]`: the metrics of nodes, a line each. */
export function metricsShow(names: readonly string[], options: ShowOptions): Promise<number> {
  return withMetrics(names, options, async (metrics) => {
    const shown = metrics.flatMap(rowsOf);
    if (options.json) printJson(shown);
    else if (options.csv) await printBytes(csvOf(csvColumns(shown)));
    else if (shown.length === 0)
      line(
        'no metrics: no stage has reported any; "vmfdag experiments --metric OUTPUT.PATH" shows numbers of JSON outputs',
      );
    else line(formatTable([HEAD, ...shown.map(cellsOf)], [2, 3, 4, 5, 6]));
    return 0;
  });
}

const HEAD = ['node', 'metric', ...SUMMARY_HEAD];

type Row = ReturnType<typeof rowsOf>[number];

function rowsOf({ record: { run, node, stage, coordinates }, series }: NodeMetrics) {
  return series.map((each) => ({ run, node, stage, coordinates, metric: each.name, ...summaryOf(each) }));
}

function cellsOf(row: Row): readonly string[] {
  return [row.node, row.metric, ...summaryCells(row)];
}

function csvColumns(rows: readonly Row[]) {
  const names = ['run', 'node', 'stage', 'metric', 'count', 'step', 'last', 'min', 'max'] as const;
  return names.map((name) => ({ name, cells: rows.map((row) => row[name]) }));
}
