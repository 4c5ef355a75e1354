import type { Attempt, NodeOutcome, RunManifest } from '../../store/run-manifest.ts';
import { stageOf } from './stage-of.ts';

export interface StageOutcomes {
  readonly stage: string;
  readonly nodes: number;
  readonly outcomes: Readonly<Record<NodeOutcome, number>>;
  /** Seconds that workers spent on it in this run. */
  readonly seconds: number;
}

/** The outcomes of the nodes of each stage, in the order of the plan. */
export function outcomesByStage(manifest: RunManifest, journal: readonly Attempt[]): readonly StageOutcomes[] {
  const stages = new Map<string, { nodes: number; outcomes: Record<NodeOutcome, number>; seconds: number }>();
  const of = (node: string) => {
    const name = stageOf(node);
    const stage = stages.get(name) ?? {
      nodes: 0,
      outcomes: { executed: 0, fetched: 0, 'up to date': 0, 'cut off': 0, failed: 0, skipped: 0 },
      seconds: 0,
    };
    stages.set(name, stage);
    return stage;
  };
  for (const { node, outcome } of manifest.nodes) {
    const stage = of(node);
    stage.nodes++;
    stage.outcomes[outcome]++;
  }
  for (const { node, start, end } of journal) {
    const id = manifest.nodes[node]?.node;
    if (id) of(id).seconds += end - start;
  }
  return [...stages].map(([stage, rest]) => ({ stage, ...rest }));
}
