import type { NodeKey } from '../../base/digest.ts';
import type { Store } from '../../store/store.ts';
import type { MetricValues } from './protocol.ts';
import type { NodeTable } from './run/node-table.ts';
import { type RunView, versionIn, versionOf } from './run/run-view.ts';

type Reader = Pick<Store, 'lastKey' | 'metrics'>;

/** In an active run, the key of a node that has ended is written a little later: until then, that of an earlier run is found. */
const UNSURE_MS = 5000;

/** The last value that a node reported of a metric; null where it reported none that is finite. */
export function metricValue(view: RunView, index: number, metric: string, store: Reader): number | null {
  const { states, table } = view;
  const latest = states.latestValues(index);
  if (latest.length > 0) return finiteOrNull(latest.find(({ name }) => name === metric)?.value);
  const key = view.keyOf(index, store);
  if (!key) return null;
  const known = knownValues(table, metric);
  // A record does not change: its values are read once.
  const kept = known.get(index);
  if (kept?.key === key) return kept.value;
  const series = store.metrics(key).find(({ name }) => name === metric);
  const value = finiteOrNull(series?.values.at(-1));
  known.set(index, { key, value, readAt: Date.now() });
  return value;
}

/**
 * The values of a stage's nodes that a page may not have: of those that have changed since, of running ones, and of those whose key is known only now.
 * @param since the name of the state that the page has
 */
export function metricValues(view: RunView, stage: string, metric: string, since: string, store: Reader): MetricValues {
  const { states, table } = view;
  const version = versionIn(since, view);
  const nodes = table.stages.find(({ name }) => name === stage)?.nodes ?? [];
  const changed = version === undefined ? undefined : new Set(states.changedSince(version));
  const running = new Set(states.runningNodes().map(({ index }) => index));
  const known = knownValues(table, metric);
  const now = Date.now();
  const hasOtherKey = (each: number) => {
    const kept = known.get(each);
    return (!kept || now - kept.readAt < UNSURE_MS) && kept?.key !== view.keyOf(each, store);
  };
  const index = nodes.filter((each) => !changed || changed.has(each) || running.has(each) || hasOtherKey(each));
  return { index, values: index.map((each) => metricValue(view, each, metric, store)), versionId: versionOf(view) };
}

interface KnownValue {
  readonly key: NodeKey;
  readonly value: number | null;
  readonly readAt: number;
}

const known = new WeakMap<NodeTable, Map<string, Map<number, KnownValue>>>();

/** By node. */
function knownValues(table: NodeTable, metric: string): Map<number, KnownValue> {
  const ofTable = known.get(table) ?? new Map<string, Map<number, KnownValue>>();
  known.set(table, ofTable);
  const values = ofTable.get(metric) ?? new Map<number, KnownValue>();
  ofTable.set(metric, values);
  return values;
}

/** JSON has no NaN and no infinities. */
export function finiteOrNull(value: number | string | undefined): number | null {
  return value !== undefined && Number.isFinite(Number(value)) ? Number(value) : null;
}
