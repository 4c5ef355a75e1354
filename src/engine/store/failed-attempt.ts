import type { Diagnostic } from '../base/diagnostic.ts';
import type { NodeKey } from '../base/digest.ts';
import type { ErrorReport } from '../base/error-report.ts';
import type { NodeId } from '../plan/plan.ts';
import type { MetricSeries } from './metric-series.ts';

/**
 * Why a node failed. `usage`: the pipeline file and the stage do not fit each other. `bytes`: executed again, it gave other bytes. `memory`: it was
 * ended for want of memory. `lost`: its worker or its machine was lost more often than `retries` allows. `refused`: its key names another machine, whose
 * executor does not execute it.
 */
export type FailureCause = 'stage' | 'usage' | 'store' | 'bytes' | 'crash' | 'timeout' | 'memory' | 'lost' | 'refused';

/** How an attempt to execute a node failed. It is kept with the run. */
export interface FailedAttempt {
  readonly node: NodeId;
  readonly key: NodeKey;
  /** 1 is the first. */
  readonly attempt: number;
  /** Why the node was executed, in words. */
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly cause: FailureCause;
  readonly diagnostic: Diagnostic;
  /** The thrown value, where the diagnostic does not say all of it. */
  readonly error?: ErrorReport;
  /** What the stage logged and printed, cut to its end. */
  readonly log: string;
  /** Absent where there are none. Where its process ended before it did, these are the values that were told while it ran. */
  readonly metrics?: readonly MetricSeries[];
}

/** The last failure of a node. It outlives the run, so that `explain` does not say "never run". */
export interface LastFailure extends Pick<FailedAttempt, 'key' | 'attempt' | 'startedAt' | 'cause' | 'diagnostic'> {
  readonly run: string;
}
