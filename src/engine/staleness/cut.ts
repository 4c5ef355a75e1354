import type { PlanNode } from '../plan/plan.ts';
import type { MetricNumber } from '../store/metric-series.ts';

/** Why a chain has ended before its last step. */
export type EndReason =
  | {
      readonly rule: 'bound';
      readonly metric: string;
      readonly value: MetricNumber;
      readonly side: 'above' | 'below';
      readonly bound: number;
    }
  | {
      readonly rule: 'patience';
      readonly metric: string;
      readonly steps: number;
      /** The best value, and the step that has it; null where all values are NaN. */
      readonly best: MetricNumber;
      readonly at: number | null;
    }
  | {
      readonly rule: 'halving';
      readonly metric: string;
      readonly value: MetricNumber;
      /** 1 is the best. */
      readonly rank: number;
      readonly chains: number;
      readonly kept: number;
    };

/** Why a node is cut short: its chain has ended before, or it needs such a node. */
export class Cut {
  /** The last step of the chain. */
  readonly after: PlanNode;
  readonly reason: EndReason;

  constructor(after: PlanNode, reason: EndReason) {
    this.after = after;
    this.reason = reason;
  }
}

/** Whether the node is the step with which the chain would go on. */
export function isNextStep({ gate }: PlanNode, { after }: Cut): boolean {
  return gate?.after === after.index;
}

/** `train/3/9 is the last step: its loss of 0.31 is number 4 of 9, and 3 go on`. */
export function describeCut({ after, reason }: Cut): string {
  return `${after.id} is the last step: ${describeEnd(reason)}`;
}

function describeEnd(reason: EndReason): string {
  switch (reason.rule) {
    case 'bound':
      return reason.value === 'NaN'
        ? `its ${reason.metric} is NaN`
        : `its ${reason.metric} of ${reason.value} is ${reason.side} ${reason.bound}`;
    case 'patience':
      return reason.at === null
        ? `its ${reason.metric} has been NaN for ${reason.steps} steps`
        : `its ${reason.metric} was best at step ${reason.at} (${reason.best}), ${reason.steps} steps before`;
    case 'halving': {
      const place = `number ${reason.rank} of ${reason.chains}, and ${reason.kept} ${reason.kept === 1 ? 'goes' : 'go'} on`;
      return `its ${reason.metric} of ${reason.value} is ${place}`;
    }
  }
}
