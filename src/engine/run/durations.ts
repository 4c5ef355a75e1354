import type { PlanNode } from '../plan/plan.ts';
import type { Attempt } from '../store/run-manifest.ts';
import type { NodeRecord, Store } from '../store/store.ts';

/** The name under which a node's duration is kept: epochs of one architecture take the same time, those of another do not. */
export function durationName(node: {
  readonly stage: Pick<PlanNode['stage'], 'name'>;
  readonly coordinates: PlanNode['coordinates'];
}): string {
  const [first] = Object.values(node.coordinates);
  return first === undefined ? node.stage.name : `${node.stage.name}/${first}`;
}

/** Mean seconds of what goes by a name. */
export class MeanSeconds {
  private readonly sums = new Map<string, { seconds: number; count: number }>();

  note(name: string, seconds: number): void {
    const sum = this.sums.get(name) ?? { seconds: 0, count: 0 };
    this.sums.set(name, sum);
    sum.seconds += seconds;
    sum.count++;
  }

  of(name: string): number | undefined {
    const sum = this.sums.get(name);
    return sum && sum.seconds / sum.count;
  }

  all(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.sums].map(([name, { seconds, count }]) => [name, seconds / count]));
  }
}

/** Mean seconds of the nodes that a run has executed, by the name under which later runs look for them. */
export function measuredDurations(
  nodes: readonly PlanNode[],
  journal: readonly Attempt[],
): Readonly<Record<string, number>> {
  const means = new MeanSeconds();
  for (const { node, outcome, seconds } of journal) {
    if (outcome === 'executed') means.note(durationName(nodes[node] as PlanNode), seconds);
  }
  return means.all();
}

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
  return lacking.size === 0 ? remembered : { ...recordedDurations(store.records(), lacking), ...remembered };
}

function recordedDurations(
  records: Iterable<NodeRecord>,
  wanted: ReadonlySet<string>,
): Readonly<Record<string, number>> {
  const means = new MeanSeconds();
  for (const { stage, coordinates, seconds } of records) {
    const name = durationName({ stage: { name: stage }, coordinates });
    if (wanted.has(name)) means.note(name, seconds);
  }
  return means.all();
}
