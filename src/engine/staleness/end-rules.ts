import type { Best } from '../pipeline/stages/stop-rule.ts';
import type { ChainRule } from '../plan/plan.ts';
import { metricNumber } from '../store/metric-series.ts';
import type { EndReason } from './cut.ts';

/** A value of a metric after a step. */
export interface StepValue {
  readonly step: number;
  readonly value: number;
}

/**
 * Whether a rule ends a chain after its last step so far.
 * @param values of the metric that the rule names, of all steps that it asks about: the last one for a bound
 */
export function endedBy(rule: ChainRule, values: readonly StepValue[]): EndReason | undefined {
  const last = values.at(-1);
  if (!last) return undefined;
  const { metric } = rule;
  if (rule.kind === 'bound') {
    const { side, bound } = rule;
    const isWithin = side === 'above' ? last.value <= bound : last.value >= bound;
    return isWithin ? undefined : { rule: 'bound', metric, value: metricNumber(last.value), side, bound };
  }
  const best = values.reduce<StepValue | undefined>(
    (found, each) =>
      !Number.isNaN(each.value) && (!found || isBetter(each.value, found.value, rule.best)) ? each : found,
    undefined,
  );
  // As EarlyStopping of Keras counts: NaN is no improvement, from the first step on.
  const since = last.step - (best?.step ?? (values[0] as StepValue).step - 1);
  if (since < rule.steps) return undefined;
  return {
    rule: 'patience',
    metric,
    steps: since,
    best: metricNumber(best?.value ?? Number.NaN),
    at: best?.step ?? null,
  };
}

/**
 * The chains that go on after a rung, by their positions: the best `floor(n / factor)` of n, and at least one. Of equal values, the first ones
 * in the order of the plan. NaN is worse than any number.
 *
 * The count is that of Hyperband (Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar, JMLR 18, 2018, algorithm 1). All chains of a rung are compared
 * at once, as there, and not those that have arrived so far, as in ASHA (Li et al., MLSys 2020) and in Optuna's SuccessiveHalvingPruner.
 */
export function rankAtRung(values: readonly number[], best: Best, factor: number): Ranking {
  const order = values.map((_, position) => position);
  order.sort((a, b) => compare(values[a] as number, values[b] as number, best) || a - b);
  const ranks = new Array<number>(values.length);
  for (const [place, position] of order.entries()) ranks[position] = place + 1;
  return { ranks, kept: Math.max(1, Math.floor(values.length / factor)) };
}

interface Ranking {
  /** By position; 1 is the best. */
  readonly ranks: readonly number[];
  /** How many go on. */
  readonly kept: number;
}

function isBetter(value: number, than: number, best: Best): boolean {
  return best === 'min' ? value < than : value > than;
}

function compare(a: number, b: number, best: Best): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  if (a === b) return 0;
  return isBetter(a, b, best) ? -1 : 1;
}
