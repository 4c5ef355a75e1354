import type { PlanNode } from '../plan/plan.ts';
import type { NodeRecord, Store } from '../store/store.ts';
import { durationName } from './priorities.ts';

/**
 * Mean seconds of earlier nodes, by the name under which durations are kept. Runs write them when they end. For kinds that only killed runs
 * have executed, the records have the seconds. Records are read only if a kind is missing.
 */
export function knownDurations(
  nodes: readonly PlanNode[],
  store: Pick<Store, 'durations' | 'records'>,
): Readonly<Record<string, number>> {
  const remembered = store.durations();
  const lacking = new Set(nodes.map(durationName).filter((name) => remembered[name] === undefined));
  return lacking.size === 0 ? remembered : { ...meanSeconds(store.records(), lacking), ...remembered };
}

function meanSeconds(records: Iterable<NodeRecord>, wanted: ReadonlySet<string>): Readonly<Record<string, number>> {
  const sums = new Map<string, { seconds: number; count: number }>();
  for (const record of records) {
    const name = durationName({ stage: { name: record.stage }, coordinates: record.coordinates });
    if (!wanted.has(name)) continue;
    const { seconds, count } = sums.get(name) ?? { seconds: 0, count: 0 };
    sums.set(name, { seconds: seconds + record.seconds, count: count + 1 });
  }
  return Object.fromEntries([...sums].map(([name, { seconds, count }]) => [name, seconds / count]));
}
