/** Which values of a metric are better. */
export type Best = 'min' | 'max';

/** When a chain ends before its last step. NaN is worse than any number. */
export type StopRule =
  /** After a step from which on its metric is beyond a bound. */
  | {
      readonly kind: 'bound';
      readonly metric: string;
      readonly side: 'above' | 'below';
      readonly bound: number;
      /** The first step that counts. */
      readonly from: number;
    }
  /** After so many steps without a better value. */
  | { readonly kind: 'patience'; readonly metric: string; readonly best: Best; readonly steps: number }
  | HalvingRule;

/** Successive halving: at each rung, one of `factor` chains goes on, those with the best values. */
export interface HalvingRule {
  readonly kind: 'halving';
  readonly metric: string;
  readonly best: Best;
  /** Steps, ascending. */
  readonly rungs: readonly number[];
  readonly factor: number;
  /** Coordinates in which chains have to be equal to be compared. */
  readonly within: readonly string[];
}

/** Whether a rule may end a chain after a step. */
export function mayEndAfter(rule: StopRule, step: number): boolean {
  if (rule.kind === 'halving') return rule.rungs.includes(step);
  return rule.kind === 'patience' || rule.from <= step;
}
