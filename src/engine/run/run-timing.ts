import type { PlanNode } from '../plan/plan.ts';
import { inputNodes } from '../plan/sources.ts';
import type { Attempt, RunTiming } from '../store/run-manifest.ts';
import { criticalPaths } from './priorities.ts';

/** For a shorter run, nobody asks where its time went. */
const TIMED_SECONDS = 3;

/** Where the time of a run went; undefined for a short one, or one that executed nothing. */
export function timingOfRun(
  nodes: readonly PlanNode[],
  journal: readonly Attempt[],
  seconds: number,
  jobs: number,
): RunTiming | undefined {
  return journal.length > 0 && seconds >= TIMED_SECONDS ? timingOf(nodes, journal, seconds, jobs) : undefined;
}

/**
 * Finds out where the time of a run went.
 *
 * @param nodes of the plan
 * @param journal the attempts of the run, at least one
 * @param seconds how long the run took
 */
export function timingOf(
  nodes: readonly PlanNode[],
  journal: readonly Attempt[],
  seconds: number,
  jobs: number,
): RunTiming {
  const busy = new Float64Array(nodes.length);
  const stages = new Map<string, { stage: string; nodes: Set<number>; seconds: number }>();
  let sum = 0;
  for (const { node, start, end } of journal) {
    const took = end - start;
    sum += took;
    busy[node] = (busy[node] ?? 0) + took;
    const stage = nodes[node]?.stage.name ?? '';
    const total = stages.get(stage) ?? { stage, nodes: new Set(), seconds: 0 };
    total.nodes.add(node);
    total.seconds += took;
    stages.set(stage, total);
  }
  return {
    criticalPath: longestChain(nodes, busy),
    efficiency: seconds > 0 ? Math.min(1, sum / seconds / jobs) : 0,
    stages: [...stages.values()]
      .map((total) => ({ ...total, nodes: total.nodes.size }))
      .sort((a, b) => b.seconds - a.seconds),
  };
}

function longestChain(nodes: readonly PlanNode[], busy: Float64Array): RunTiming['criticalPath'] {
  const remaining = criticalPaths(nodes, ({ index }) => busy[index] ?? 0);
  const below: number[] = new Array(nodes.length).fill(-1);
  for (const node of nodes) {
    for (const above of inputNodes(node)) {
      const best = below[above] ?? -1;
      if (best < 0 || (remaining[node.index] ?? 0) > (remaining[best] ?? 0)) below[above] = node.index;
    }
  }
  let first = 0;
  for (let index = 1; index < nodes.length; index++) {
    if ((remaining[index] ?? 0) > (remaining[first] ?? 0)) first = index;
  }
  const executed: string[] = [];
  for (let index = first; index >= 0; index = below[index] ?? -1) {
    if ((busy[index] ?? 0) > 0) executed.push(nodes[index]?.id ?? '');
  }
  const [from = '', to = from] = [executed[0], executed.at(-1)];
  return { seconds: remaining[first] ?? 0, nodes: executed.length, from, to };
}
