import type { Diagnostic } from '../base/diagnostic.ts';
import type { ArtefactDigest } from '../base/digest.ts';
import type { ErrorReport } from '../base/error-report.ts';
import type { Retries, RetryPolicy } from '../pipeline/stages/retry-policy.ts';
import type { FailureCause } from '../store/failed-attempt.ts';
import type { MetricSeries } from '../store/metric-series.ts';
import type { UnreadableInput } from './protocol.ts';

/** How a job ended. */
export type JobOutcome =
  | {
      readonly kind: 'committed';
      readonly outputs: readonly ArtefactDigest[];
      readonly seconds: number;
      readonly bytes: number;
    }
  | {
      readonly kind: 'failed';
      readonly cause: FailureCause;
      readonly diagnostic: Diagnostic;
      readonly error?: ErrorReport;
      readonly log: string;
      /** Of a worker that died, those that it had told. */
      readonly metrics?: readonly MetricSeries[];
    }
  /** The stage was not called: an input could not be read. */
  | { readonly kind: 'unreadable'; readonly input: UnreadableInput }
  /** Where it was sent, it cannot be executed with the same result, or at all. It was not tried. */
  | {
      readonly kind: 'refused';
      readonly diagnostic: Diagnostic;
      /** Another unit of its executor may execute it. */
      readonly isOfOneUnit?: true;
    }
  /** The worker ended before the artefacts were on the disk. The cause may be another job, or this process. */
  | { readonly kind: 'lost' }
  /** The stage had returned, and its worker ended before the artefacts were on the disk. It had no other job. */
  | { readonly kind: 'died'; readonly how: string; readonly log: string };

/** The part of a stage's `retries` that is for a failure; undefined where another attempt would have the same outcome. */
export function retriesFor(policy: RetryPolicy, cause: FailureCause): Retries | undefined {
  switch (cause) {
    case 'stage':
    case 'crash':
      return policy.failed;
    case 'timeout':
    case 'memory':
    case 'lost':
      return policy[cause];
    default:
      return undefined;
  }
}
