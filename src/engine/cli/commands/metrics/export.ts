import { Failure } from '../../../base/failure.ts';
import { arrow } from '../../../stage/codecs/arrow.ts';
import { csvOf } from '../../../views/metrics/csv.ts';
import { type Column, longTable } from '../../../views/metrics/long-table.ts';
import { writeToPath } from '../../../views/results/write-artefact.ts';
import { formatCount } from '../../../views/terminal/format.ts';
import { line, printBytes, printJson } from '../../process/output.ts';
import { type MetricsOptions, withMetrics } from './select.ts';

export interface ExportOptions extends MetricsOptions {
  /** Files to write; `-` is standard output. */
  readonly csv?: string;
  readonly arrow?: string;
}

/** `vmfdag metrics export [NODE…]`: all values of the metrics of nodes, for other programs. */
export function metricsExport(names: readonly string[], options: ExportOptions): Promise<number> {
  const { csv, arrow: arrowFile } = options;
  if (csv === undefined && arrowFile === undefined) {
    throw new Failure('usage', { fact: 'nothing says where to', fix: 'add --csv FILE or --arrow FILE' });
  }
  if ([csv, arrowFile].includes('-') && (options.json || csv === arrowFile)) {
    throw new Failure('usage', { fact: 'standard output can hold one document', fix: 'name a file' });
  }
  return withMetrics(names, options, async (metrics) => {
    const columns = longTable(metrics);
    const files: string[] = [];
    const write = async (file: string, bytes: Uint8Array) => {
      if (file === '-') await printBytes(bytes);
      else files.push(writeToPath(file, bytes));
    };
    if (csv !== undefined) await write(csv, csvOf(columns));
    if (arrowFile !== undefined) await write(arrowFile, await arrowOf(columns));
    const values = columns[0]?.cells.length ?? 0;
    if (options.json) printJson({ nodes: metrics.length, values, files });
    else
      for (const file of files)
        line(`${file}  ${formatCount(values, 'value')} of ${formatCount(metrics.length, 'node')}`);
    return 0;
  });
}

async function arrowOf(columns: readonly Column[]): Promise<Uint8Array> {
  const { table } = await import('arquero');
  try {
    return await arrow.encode(table(columns.map(({ name, cells }) => [name, cells] as [string, unknown[]])));
  } catch (error) {
    const fact = `Arrow cannot hold these metrics: ${(error as Error).message}`;
    throw new Failure('usage', { fact, fix: 'write CSV, or rename what the message names' }, { cause: error });
  }
}
