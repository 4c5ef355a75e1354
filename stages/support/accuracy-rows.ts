import { groupBy, meanAndStd } from '../../src/sgd/figures/summary.ts';
import { type AccuracyBesidePaper, beside } from '../../src/sgd/figures/tables/accuracy.ts';
import type { Checkpoint, EvaluationMetrics } from './checkpoints.ts';

/** One row for each architecture: its best validation accuracy over the epochs, mean and deviation over seeds, with the paper's. */
export function accuracyRows(checkpoints: readonly Checkpoint<EvaluationMetrics>[]): AccuracyBesidePaper[] {
  return [...groupBy(checkpoints, ({ architecture }) => architecture)].map(([architecture, ofArchitecture]) => {
    const best = [...groupBy(ofArchitecture, ({ seed }) => seed).values()].map(firstBest);
    return beside({
      architecture,
      ...meanAndStd(best.map(({ value }) => value.accuracy)),
      seeds: best.length,
      bestEpoch: median(best.map(({ epoch }) => epoch)),
    });
  });
}

function firstBest(run: readonly Checkpoint<EvaluationMetrics>[]): Checkpoint<EvaluationMetrics> {
  return run.reduce((best, checkpoint) => {
    const gain = checkpoint.value.accuracy - best.value.accuracy;
    return gain > 0 || (gain === 0 && checkpoint.epoch < best.epoch) ? checkpoint : best;
  });
}

function median(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b);
  const below = ordered[Math.floor((ordered.length - 1) / 2)] as number;
  const above = ordered[Math.floor(ordered.length / 2)] as number;
  return (below + above) / 2;
}
