import * as v from 'valibot';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import { groupBy } from '../../src/sgd/figures/summary.ts';
import type { TheoryCheck } from '../../src/sgd/figures/tables/theory.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { type Checkpoint, checkpointsOf } from '../support/checkpoints.ts';

/** Corollary 3.1 on networks, between consecutive checkpoints. Their losses are not known to meet its conditions. */
export default defineStage({
  params: v.strictObject({}),
  inputs: { statistics: many(json<DirectionalStatistics>()) },
  outputs: { checks: json<readonly TheoryCheck[]>() },
  run: ({ inputs }) => {
    const byArchitecture = groupBy(checkpointsOf('statistics', inputs.statistics), ({ architecture }) => architecture);
    return { checks: [...byArchitecture].map(([architecture, checkpoints]) => fallOf(architecture, checkpoints)) };
  },
});

type Measured = Checkpoint<DirectionalStatistics>;

function fallOf(architecture: string, checkpoints: readonly Measured[]): TheoryCheck {
  const runs = groupBy(checkpoints, ({ seed }) => seed);
  const pairs = [...runs.values()].flatMap((run) => {
    const ordered = [...run].sort((a, b) => a.epoch - b.epoch);
    return ordered.slice(1).map((after, i) => ({ before: ordered[i] as Measured, after }));
  });
  const rises = pairs.filter(({ before, after }) => !(kappaOf(before) > kappaOf(after)));
  const certain = rises.filter(({ before, after }) => isBeyondIntervals(before, after));
  return {
    statement: 'Corollary 3.1, measured: κ̂(w_t) > κ̂(w_{t+1}) at consecutive checkpoints',
    computed:
      `share of pairs, ${architecture}: ${pairs.length - rises.length} of ${pairs.length} in ${runs.size} run${runs.size === 1 ? '' : 's'}` +
      `${rises.length > 0 ? `; ${certain.length} of the rises beyond both 95 % intervals` : ''}`,
    measured: pairs.length === 0 ? 1 : 1 - rises.length / pairs.length,
    relation: '≥',
    bound: 1,
    ...(rises.length > 0 ? { exceptions: rises.map(describePair).join('; ') } : {}),
  };
}

/** An infinite κ̂ is larger than any finite one. */
function kappaOf({ value: { kappa } }: Measured): number {
  return kappa ?? Number.POSITIVE_INFINITY;
}

function isBeyondIntervals(before: Measured, after: Measured): boolean {
  const [low, high] = [before.value.kappaUpper, after.value.kappaLower];
  return low !== null && high !== null && high > low;
}

function describePair({ before, after }: { before: Measured; after: Measured }): string {
  return `seed ${before.seed}, epoch ${before.epoch} to ${after.epoch}`;
}
