import type { MetricSeries, MetricValue } from '../../src/engine/store/metric-series.ts';
import type { Delta, MetricValues, Overview, StageMatrix } from '../../src/engine/views/live/protocol.ts';

/** The overview after a delta. Parts that did not change stay the same objects. */
export function mergeOverview(overview: Overview, delta: Delta): Overview {
  const changed = new Map(delta.stages.map((stage) => [stage.stage, stage]));
  const stages =
    changed.size === 0
      ? overview.stages
      : overview.stages.map((stage, position) => {
          const news = changed.get(position);
          return news ? { ...stage, counts: news.counts, meanSeconds: news.meanSeconds } : stage;
        });
  return {
    ...overview,
    head: delta.head,
    stages,
    running: delta.running,
    lanes: delta.lanes.length === 0 ? overview.lanes : delta.lanes,
  };
}

/** The columns of a stage that change while it runs, in arrays that are changed in place: a stage may have 100,000 nodes. */
export interface LiveColumns {
  readonly states: Uint8Array;
  /** NaN where nothing is known. */
  readonly seconds: Float64Array;
}

export function columnsOf(matrix: StageMatrix): LiveColumns {
  return {
    states: Uint8Array.from(matrix.states, Number),
    seconds: Float64Array.from(matrix.seconds, (value) => value ?? Number.NaN),
  };
}

/**
 * Takes the nodes of a delta that belong to a stage into its columns.
 * @param index positions of the stage's nodes in the run, ascending
 * @returns how many nodes changed
 */
export function mergeColumns(columns: LiveColumns, index: readonly number[], { nodes }: Delta): number {
  let changed = 0;
  for (const [at, node] of nodes.index.entries()) {
    const position = find(index, node);
    if (position < 0) continue;
    columns.states[position] = Number(nodes.states[at]);
    columns.seconds[position] = nodes.seconds[at] ?? Number.NaN;
    changed++;
  }
  return changed;
}

/**
 * Takes newer values of a metric into those of the nodes of a stage.
 * @param values by node of the stage; NaN where nothing is known
 * @param index positions of the stage's nodes in the run, ascending
 */
export function mergeValues(values: Float64Array, index: readonly number[], news: MetricValues): void {
  for (const [at, node] of news.index.entries()) {
    const position = find(index, node);
    if (position >= 0) values[position] = news.values[at] ?? Number.NaN;
  }
}

/** Series with newer values at their ends. What was known already is not added twice. */
export function mergeMetrics(known: readonly MetricSeries[], values: readonly MetricValue[]): readonly MetricSeries[] {
  if (values.length === 0) return known;
  const series = new Map(known.map((each) => [each.name, each]));
  const added = groupByName(values);
  for (const [name, news] of added) series.set(name, extend(series.get(name), name, news));
  return [...series.values()];
}

function extend(known: MetricSeries | undefined, name: string, values: readonly MetricValue[]): MetricSeries {
  const last = known?.steps.at(-1) ?? Number.NEGATIVE_INFINITY;
  const fresh = values.filter(({ step }) => step > last).sort((a, b) => a.step - b.step);
  const base = known ?? { name, count: 0, min: Number.NaN, max: Number.NaN, steps: [], times: [], values: [] };
  if (fresh.length === 0) return known ?? (base as MetricSeries);
  const now = Date.now();
  const numbers = fresh.map(({ value }) => Number(value)).filter((value) => !Number.isNaN(value));
  return {
    name,
    count: base.count + fresh.length,
    min: least(Number(base.min), ...numbers),
    max: -least(-Number(base.max), ...numbers.map((value) => -value)),
    steps: [...base.steps, ...fresh.map(({ step }) => step)],
    times: [...base.times, ...fresh.map(() => now)],
    values: [...base.values, ...fresh.map(({ value }) => value)],
  };
}

function least(...numbers: readonly number[]): number {
  const known = numbers.filter((number) => !Number.isNaN(number));
  return known.length === 0 ? Number.NaN : Math.min(...known);
}

function groupByName(values: readonly MetricValue[]): ReadonlyMap<string, readonly MetricValue[]> {
  const groups = new Map<string, MetricValue[]>();
  for (const value of values) {
    const group = groups.get(value.name);
    if (group) group.push(value);
    else groups.set(value.name, [value]);
  }
  return groups;
}

/** Position of a number in an ascending list, or -1. */
function find(list: readonly number[], wanted: number): number {
  let [low, high] = [0, list.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = list[middle] as number;
    if (value === wanted) return middle;
    if (value < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
