import type { Attempt, NodeOutcome, RunManifest } from '../../store/run-manifest.ts';
import { stageOf } from './stage-of.ts';

export interface StageOutcomes {
  readonly stage: string;
  readonly nodes: number;
  readonly outcomes: Readonly<Record<NodeOutcome, number>>;
  /** Seconds that workers spent on it in this run. */
  readonly seconds: number;
  /** Seconds that its nodes were ready and waited. */
  readonly queued: number;
  /** Attempts that had to be repeated, or were the last one: they failed, or were lost with their worker or its host. */
  readonly attempts: { readonly failed: number; readonly lost: number };
}

interface Counted extends Omit<StageOutcomes, 'stage'> {
  nodes: number;
  outcomes: Record<NodeOutcome, number>;
  seconds: number;
  queued: number;
  attempts: { failed: number; lost: number };
}

/** The outcomes of the nodes of each stage, in the order of the plan. */
export function outcomesByStage(manifest: RunManifest, journal: readonly Attempt[]): readonly StageOutcomes[] {
  const stages = new Map<string, Counted>();
  const of = (node: string) => {
    const name = stageOf(node);
    const stage: Counted = stages.get(name) ?? {
      nodes: 0,
      outcomes: { executed: 0, fetched: 0, 'up to date': 0, 'cut off': 0, 'cut short': 0, failed: 0, skipped: 0 },
      seconds: 0,
      queued: 0,
      attempts: { failed: 0, lost: 0 },
    };
    stages.set(name, stage);
    return stage;
  };
  for (const { node, outcome } of manifest.nodes) {
    const stage = of(node);
    stage.nodes++;
    stage.outcomes[outcome]++;
  }
  for (const { node, start, end, queued = 0, outcome } of journal) {
    const id = manifest.nodes[node]?.node;
    if (!id) continue;
    const stage = of(id);
    stage.seconds += end - start;
    stage.queued += queued;
    if (outcome !== 'executed') stage.attempts[outcome]++;
  }
  return [...stages].map(([stage, rest]) => ({ stage, ...rest }));
}
