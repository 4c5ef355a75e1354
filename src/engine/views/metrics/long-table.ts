import type { Coordinate } from '../../stage/stage.ts';
import type { MetricSeries } from '../../store/metric-series.ts';
import type { NodeRecord } from '../../store/store.ts';
import type { NodeMetrics } from './node-metrics.ts';

/** Null: the stage has no such coordinate. */
export type Cell = Coordinate | null;

/** A column of a table with a row for each value of each metric. */
export interface Column {
  readonly name: string;
  readonly cells: readonly Cell[];
}

/** The columns `run`, `node`, `stage`, one `coordinates.NAME` for each name, `metric`, `step`, `time`, `value`. */
export function longTable(metrics: readonly NodeMetrics[]): readonly Column[] {
  const names = [...new Set(metrics.flatMap(({ record }) => Object.keys(record.coordinates)))];
  const column = (name: string, cells: (series: MetricSeries, record: NodeRecord) => readonly Cell[]): Column => ({
    name,
    cells: metrics.flatMap(({ record, series }) => series.flatMap((each) => cells(each, record))),
  });
  const same = (name: string, cell: (record: NodeRecord, series: MetricSeries) => Cell): Column =>
    column(name, (series, record) => new Array<Cell>(series.values.length).fill(cell(record, series)));
  return [
    same('run', ({ run }) => run),
    same('node', ({ node }) => node),
    same('stage', ({ stage }) => stage),
    ...names.map((name) => same(`coordinates.${name}`, coordinateOf(name, metrics))),
    same('metric', (_, { name }) => name),
    column('step', ({ steps }) => steps),
    column('time', ({ times }) => times),
    column('value', ({ values }) => values.map(Number)),
  ];
}

/** A column has one type, as other programs want it: coordinates of several types are texts. */
function coordinateOf(name: string, metrics: readonly NodeMetrics[]): (record: NodeRecord) => Cell {
  const given = metrics.flatMap(({ record }) => record.coordinates[name] ?? []);
  const isText = new Set(given.map((coordinate) => typeof coordinate)).size > 1;
  return ({ coordinates }) => {
    const coordinate = coordinates[name];
    if (coordinate === undefined) return null;
    return isText ? String(coordinate) : coordinate;
  };
}
