import { from, fromCSV } from 'arquero';
import { Failure } from '../../src/engine/stage/index.ts';
import { groupBy } from '../../src/sgd/figures/summary.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { type Checkpoint, type EvaluationMetrics, placeOf } from './checkpoints.ts';
import type { MeasuredRuns } from './trajectory-rows.ts';

/** Columns in front of those of the statistics. */
const PLACE = ['architecture', 'seed', 'epoch'] as const;
const METRICS = ['Examples', 'Loss', 'Accuracy'] as const;

type Cell = string | number | null;
type Row = Record<string, Cell>;

/**
 * All that was measured of runs as CSV, one text for each architecture and seed: a row an epoch, with the metrics of both splits and all
 * statistics of whole gradients. Numbers have all of their digits, so that `readMeasurements` gives the same values.
 *
 * @returns texts by file name, `cnn+bn-1.csv`
 */
export function measurementsCsv({ statistics, training, validation }: MeasuredRuns): ReadonlyMap<string, string> {
  const rows = new Map<string, Row>();
  const rowAt = (checkpoint: Checkpoint<unknown>): Row => {
    const { architecture, seed, epoch } = checkpoint;
    const place = placeOf(checkpoint);
    const row = rows.get(place) ?? { architecture, seed, epoch };
    rows.set(place, row);
    return row;
  };
  for (const at of validation) Object.assign(rowAt(at), metricCells('validation', at.value));
  for (const at of training) Object.assign(rowAt(at), metricCells('training', at.value));
  for (const at of statistics) Object.assign(rowAt(at), cellsOf(at.value));
  const columns = [...new Set([...PLACE, ...[...rows.values()].flatMap(Object.keys)])];
  const complete = [...rows.values()].map((row) =>
    Object.fromEntries(columns.map((column) => [column, row[column] ?? null])),
  );
  const runs = groupBy(complete, ({ architecture, seed }) => `${architecture}-${seed}.csv`);
  return new Map([...runs].map(([name, run]) => [name, from(run).orderby('epoch').toCSV()]));
}

/**
 * Reads what `measurementsCsv` wrote.
 *
 * @param files texts by name
 * @throws {Failure} kind `stage` for a file without one of the columns architecture, seed and epoch
 */
export function readMeasurements(files: ReadonlyMap<string, string>): MeasuredRuns {
  const rows = [...files].flatMap(([name, text]) => rowsOfFile(name, text));
  const statistics: Checkpoint<DirectionalStatistics>[] = [];
  const training: Checkpoint<EvaluationMetrics>[] = [];
  const validation: Checkpoint<EvaluationMetrics>[] = [];
  for (const { architecture, seed, epoch, ...cells } of rows) {
    const place = { architecture, seed, epoch } as Omit<Checkpoint<unknown>, 'value'>;
    const ofTraining = metricsOf('training', cells);
    const ofValidation = metricsOf('validation', cells);
    if (ofTraining) training.push({ ...place, value: ofTraining });
    if (ofValidation) validation.push({ ...place, value: ofValidation });
    const measured = Object.entries(cells).filter(([name]) => !/^(training|validation)[A-Z]/.test(name));
    if (cells.samples != null) {
      statistics.push({ ...place, value: Object.fromEntries(measured) as unknown as DirectionalStatistics });
    }
  }
  return { statistics, training, validation };
}

/** Those of groups of parameters have no cell: they are many. */
function cellsOf(statistics: DirectionalStatistics): Row {
  const cells = Object.entries(statistics).filter(([, value]) => value === null || typeof value === 'number');
  return Object.fromEntries(cells) as Row;
}

function metricCells(split: string, metrics: EvaluationMetrics): Row {
  const { examples, loss, accuracy } = metrics;
  return { [`${split}Examples`]: examples, [`${split}Loss`]: loss, [`${split}Accuracy`]: accuracy };
}

function metricsOf(split: string, cells: Row): EvaluationMetrics | undefined {
  const [examples, loss, accuracy] = METRICS.map((name) => cells[`${split}${name}`]);
  if (examples == null) return undefined;
  return { examples, loss, accuracy } as EvaluationMetrics;
}

function rowsOfFile(name: string, text: string): Row[] {
  const table = fromCSV(text);
  const missing = PLACE.filter((column) => !table.columnNames().includes(column));
  if (missing.length > 0) {
    throw new Failure('stage', {
      fact: `${name} has no column ${missing.map((column) => `"${column}"`).join(', ')}`,
      fix: 'give files of the target "measurements"',
    });
  }
  return table.objects({ limit: Number.POSITIVE_INFINITY }) as Row[];
}
