import * as v from 'valibot';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { randomStream } from '../../src/engine/stage/index.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import { groupBy } from '../../src/sgd/figures/summary.ts';
import type { TheoryCheck } from '../../src/sgd/figures/theory.ts';
import type { DirectionalStatistics } from '../../src/sgd/statistics/statistics.ts';
import { concentrationsOnQuadratics, largestGrowth } from '../../src/sgd/statistics/theory/corollary-3-1.ts';
import { type Checkpoint, checkpointsOf } from '../support/checkpoints.ts';
import { positiveInteger } from '../support/params.ts';

const positive = /* @__PURE__ */ v.pipe(/* @__PURE__ */ v.number(), /* @__PURE__ */ v.gtValue(0));

/** Corollary 3.1 where its conditions hold: on well-conditioned quadratics with a small step. */
export const quadratics = /* @__PURE__ */ defineStage({
  params: /* @__PURE__ */ v.strictObject({
    dimension: /* @__PURE__ */ v.pipe(positiveInteger, /* @__PURE__ */ v.minValue(2)),
    minibatches: positiveInteger,
    conditions: /* @__PURE__ */ v.pipe(
      /* @__PURE__ */ v.array(/* @__PURE__ */ v.pipe(/* @__PURE__ */ v.number(), /* @__PURE__ */ v.minValue(1))),
      /* @__PURE__ */ v.minLength(1),
    ),
    learningRate: positive,
    epochs: positiveInteger,
    distance: positive,
    trials: positiveInteger,
  }),
  inputs: {},
  outputs: { checks: /* @__PURE__ */ json<readonly TheoryCheck[]>() },
  run: ({ params: { conditions, trials, ...shared } }) => ({
    checks: conditions.map((condition): TheoryCheck => {
      const growths = Array.from({ length: trials }, (_, trial) => {
        const random = randomStream(0, 'Corollary 3.1', { condition, trial });
        return largestGrowth(concentrationsOnQuadratics({ ...shared, condition }, random));
      });
      return {
        statement: 'Corollary 3.1: κ̂ falls from one epoch to the next',
        computed:
          `largest ratio of κ̂ to κ̂ one epoch before: quadratics with condition number ${condition}, d = ${shared.dimension}, ` +
          `n_b = ${shared.minibatches}, step ${shared.learningRate}, ${shared.epochs} epochs, ${trials} trials`,
        measured: Math.max(...growths),
        relation: '<',
        bound: 1,
      };
    }),
  }),
});

/** Corollary 3.1 on networks, between consecutive checkpoints. Their losses are not known to meet its conditions. */
export const measured = /* @__PURE__ */ defineStage({
  params: /* @__PURE__ */ v.strictObject({}),
  inputs: { statistics: /* @__PURE__ */ many(/* @__PURE__ */ json<DirectionalStatistics>()) },
  outputs: { checks: /* @__PURE__ */ json<readonly TheoryCheck[]>() },
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
