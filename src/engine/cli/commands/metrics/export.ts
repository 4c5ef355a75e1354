import { Failure } from '../../../base/failure.ts';
import { arrow } from '../../../stage/codecs/arrow.ts';
import type { Store } from '../../../store/store.ts';
import { csvOf } from '../../../views/metrics/csv.ts';
import { type Column, longTable } from '../../../views/metrics/long-table.ts';
import { type MlflowServer, mlflowClient, mlflowServer } from '../../../views/metrics/mlflow/client.ts';
import { exportMetrics } from '../../../views/metrics/mlflow/export-metrics.ts';
import { openTracking } from '../../../views/metrics/mlflow/tracking.ts';
import type { NodeMetrics } from '../../../views/metrics/node-metrics.ts';
import { writeToPath } from '../../../views/results/write-artefact.ts';
import { formatCount } from '../../../views/terminal/format.ts';
import { line, printBytes, printJson } from '../../process/output.ts';
import { type MetricsOptions, withMetrics } from './select.ts';

export interface ExportOptions extends MetricsOptions {
  /** Files to write; `-` is standard output. */
  readonly csv?: string;
  readonly arrow?: string;
  /** Address of a tracking server. */
  readonly mlflow?: string;
  readonly experiment?: string;
}

/** `vmfdag metrics export [NODE…]`: all values of the metrics of nodes, for other programs. */
export function metricsExport(names: readonly string[], options: ExportOptions): Promise<number> {
  checkPlaces(options);
  const { csv, arrow: arrowFile, mlflow } = options;
  const server = mlflow === undefined ? undefined : mlflowServer(mlflow, process.env);
  return withMetrics(names, options, async (metrics, { pipeline }, store) => {
    const columns = csv === undefined && arrowFile === undefined ? [] : longTable(metrics);
    const files: string[] = [];
    const write = async (file: string, bytes: Uint8Array) => {
      if (file === '-') await printBytes(bytes);
      else files.push(writeToPath(file, bytes));
    };
    if (csv !== undefined) await write(csv, csvOf(columns));
    if (arrowFile !== undefined) await write(arrowFile, await arrowOf(columns));
    const experiment = options.experiment ?? pipeline.name;
    const tracked = server && (await exportTo(server, experiment, metrics, store));
    const lengths = metrics.flatMap(({ series }) => series.map((each) => each.values.length));
    const values = lengths.reduce((sum, length) => sum + length, 0);
    if (options.json) {
      printJson({ nodes: metrics.length, values, files, ...(tracked ? { mlflow: { experiment, ...tracked } } : {}) });
      return 0;
    }
    for (const file of files) {
      line(`${file}  ${formatCount(values, 'value')} of ${formatCount(metrics.length, 'node')}`);
    }
    if (server && tracked && ![csv, arrowFile].includes('-')) {
      const { created, updated, unchanged } = tracked;
      line(`${server.url}  experiment ${experiment}: ${created} created, ${updated} updated, ${unchanged} unchanged`);
    }
    return 0;
  });
}

function checkPlaces({ csv, arrow: arrowFile, mlflow, json }: ExportOptions): void {
  if (csv === undefined && arrowFile === undefined && mlflow === undefined) {
    const fix = 'add --csv FILE, --arrow FILE or --mlflow URL';
    throw new Failure('usage', { fact: 'nothing says where to', fix });
  }
  if ([csv, arrowFile].includes('-') && (json || csv === arrowFile)) {
    throw new Failure('usage', { fact: 'standard output can hold one document', fix: 'name a file' });
  }
}

async function exportTo(server: MlflowServer, experiment: string, metrics: readonly NodeMetrics[], store: Store) {
  const runs = new Map([...store.runs()].map((run) => [run.id, run]));
  return exportMetrics(metrics, runs, await openTracking(mlflowClient(server), experiment));
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
