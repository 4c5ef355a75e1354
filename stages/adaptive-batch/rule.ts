import * as v from 'valibot';
import { positiveInteger } from '../support/params.ts';

/** When the minibatches of the next epoch are twice as large. */
export const ruleSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('fixed'), batchSize: positiveInteger }),
  /** Where κ̂ is below `factor` times its noise floor. */
  v.strictObject({
    kind: v.literal('concentration'),
    batchSize: positiveInteger,
    factor: v.pipe(v.number(), v.gtValue(1)),
  }),
  /** Where the gradient noise scale is at least `ratio` minibatches. */
  v.strictObject({
    kind: v.literal('noise scale'),
    batchSize: positiveInteger,
    ratio: v.pipe(v.number(), v.gtValue(0)),
  }),
]);

export type Rule = v.InferOutput<typeof ruleSchema>;

/** What was measured of the gradients of an epoch's last steps; null where it is undefined. */
export interface Measured {
  readonly batchSize: number;
  readonly kappa: number | null;
  readonly noiseFloor: number | null;
  /** Null where ‖g‖² is lost in the noise: then the noise scale is beyond any minibatch. */
  readonly noiseScale: number | null;
}

/**
 * m of the next epoch.
 *
 * @param largest that a rule may grow to
 */
export function nextBatchSize(rule: Rule, measured: Measured, largest: number): number {
  const { batchSize } = measured;
  return grows(rule, measured) && 2 * batchSize <= largest ? 2 * batchSize : batchSize;
}

function grows(rule: Rule, { batchSize, kappa, noiseFloor, noiseScale }: Measured): boolean {
  switch (rule.kind) {
    case 'fixed':
      return false;
    case 'concentration':
      return kappa !== null && noiseFloor !== null && kappa < rule.factor * noiseFloor;
    case 'noise scale':
      return noiseScale === null || noiseScale >= rule.ratio * batchSize;
  }
}
