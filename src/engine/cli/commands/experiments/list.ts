import { listExperiments, listMetrics } from '../../../api/run/experiments.ts';
import { suggestName } from '../../../base/diagnostic.ts';
import type { Coordinate } from '../../../stage/stage.ts';
import {
  type Column,
  type ColumnValue,
  columnNamed,
  metricColumn,
  paramColumn,
} from '../../../views/experiments/columns.ts';
import { textOf } from '../../../views/experiments/conditions.ts';
import type { Experiment, ExperimentQuery, ExperimentTable } from '../../../views/experiments/experiment.ts';
import { parseMetricChoice } from '../../../views/experiments/metric-choice.ts';
import { shortPath } from '../../../views/experiments/short-path.ts';
import { csvOf } from '../../../views/metrics/csv.ts';
import { clip, formatCount, formatSeconds, formatTable } from '../../../views/terminal/format.ts';
import { formatNumber } from '../../../views/terminal/format-number.ts';
import { openProject, type ProjectOptions } from '../../options/project-options.ts';
import { errorLine, line, printBytes, printJson } from '../../process/output.ts';

export interface ExperimentsOptions extends ProjectOptions, Omit<ExperimentQuery, 'metrics' | 'nodes'> {
  readonly metric?: ExperimentQuery['metrics'];
  readonly node?: ExperimentQuery['nodes'];
  /** Names of columns, with commas between. */
  readonly columns?: string;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** A failure may have a long message. */
const WIDEST_CELL = 60;

/** `vmfdag experiments`: runs with the params in which they differ, and metrics. */
export async function experiments(options: ExperimentsOptions): Promise<number> {
  const { metric: metrics, node: nodes, filter, sort, limit, all } = options;
  const project = openProject(options);
  const query = { metrics, nodes, filter, sort, limit, all, params: namesOf(options) };
  const table = await listExperiments(project, query);
  const empty = emptyMetrics(table);
  const known = empty.length > 0 ? await listMetrics(project, query) : [];
  for (const name of empty) {
    const { metric } = parseMetricChoice(name);
    const isName = known.length > 0 && !known.includes(metric);
    const fix = isName ? `\n  fix: ${suggestName(metric, known)}` : '';
    errorLine(`no run in this table has a value of the metric "${name}"${fix}`);
  }
  if (options.json) {
    printJson(table);
    return 0;
  }
  const columns = columnsOf(table, options);
  if (options.csv) {
    const cells = ({ value }: Column) => table.experiments.map((each) => cellOf(value(each)));
    await printBytes(csvOf(columns.map((column) => ({ name: column.name, cells: cells(column) }))));
    return 0;
  }
  if (table.experiments.length === 0) line(table.others > 0 ? 'no such run' : 'no run yet');
  else line(experimentLines(columns, table));
  if (table.others > 0) line(`${formatCount(table.others, 'other run')}: see --limit, --filter and --all`);
  return 0;
}

function namesOf({ columns }: Pick<ExperimentsOptions, 'columns'>): readonly string[] {
  return columns === undefined ? [] : columns.split(',').map((name) => name.trim());
}

/** Metrics that were asked for and that no run has: perhaps their names are wrong, or no run came so far. */
function emptyMetrics({ metrics, experiments: shown }: ExperimentTable): readonly string[] {
  return shown.length === 0 ? [] : metrics.filter((name) => shown.every((each) => each.metrics[name] === null));
}

const ALWAYS = ['run', 'state', 'took'];
/** Only where a run has something in it. */
const PERHAPS = ['name', 'setting', 'tags', 'reason'];
const ORDER = ['run', 'name', 'setting', 'state', 'tags', 'took', 'params', 'reason'];

function columnsOf(table: ExperimentTable, { columns, csv }: ExperimentsOptions): readonly Column[] {
  if (columns !== undefined) return namesOf({ columns }).map((name) => columnNamed(name, table));
  const own = [...table.params.map(paramColumn), ...table.metrics.map(metricColumn)];
  return ORDER.flatMap((name) => {
    if (name === 'params') return own;
    const column = columnNamed(name, { params: [], metrics: [] });
    const isShown = csv || ALWAYS.includes(name) || table.experiments.some((each) => column.value(each) !== undefined);
    return isShown && (ALWAYS.includes(name) || PERHAPS.includes(name)) ? [column] : [];
  });
}

/** The table as text. */
export function experimentLines(columns: readonly Column[], { experiments: shown }: ExperimentTable): string {
  const rows = shown.map((experiment) => columns.map((column) => clip(textCell(column, experiment), WIDEST_CELL)));
  const right = columns.flatMap(({ kind, name, value }, index) => {
    const isNumber = kind === 'metric' || shown.every((each) => ['number', 'undefined'].includes(typeof value(each)));
    return name === 'took' || isNumber ? [index] : [];
  });
  return formatTable([heads(columns), ...rows], right);
}

/** Paths are long: the part that tells them apart is enough. */
function heads(columns: readonly Column[]): readonly string[] {
  const names = columns.map(({ name }) => name);
  return columns.map(({ kind, name }) => (kind === 'param' ? shortPath(name, names) : name));
}

function textCell({ kind, name, value }: Column, experiment: Experiment): string {
  const found = value(experiment);
  if (found === undefined) return '';
  if (name === 'took') return formatSeconds(experiment.seconds);
  if (name === 'code') return textOf(found).slice(0, 7);
  if (kind !== 'metric') return textOf(found);
  const nodes = experiment.metrics[name]?.nodes ?? 1;
  return `${formatNumber(Number(found))}${nodes > 1 ? ` (${nodes})` : ''}`;
}

function cellOf(value: ColumnValue): Coordinate | null {
  if (value === undefined) return null;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
