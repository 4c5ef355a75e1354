import type { NodeId } from '../plan/plan.ts';
import type { JobDemands } from '../workers/executor.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import { killedFix } from '../workers/killed-fix.ts';
import type { Job } from '../workers/protocol.ts';
import type { TransportEnd } from './transport.ts';

/** A node that loses its unit so often while it is alone there is itself the cause. */
const MOST_LOSSES = 3;

/** A job whose unit has ended. */
interface LostJob {
  readonly job: Job;
  readonly demands: JobDemands;
}

/** Tells what becomes of nodes whose unit has ended: one for all slots of an executor. */
export class UnitLosses {
  /** How often nodes have lost a unit while they were alone in it. */
  private readonly times = new Map<NodeId, number>();

  /** The run executes a lost node again, alone. @param wasExecuted whether it was being executed; the others waited for it */
  outcomeOf({ job, demands }: LostJob, { how, words, cause }: TransportEnd, wasExecuted: boolean): JobOutcome {
    if (cause === 'taken' || (cause === 'memory' && !wasExecuted)) return { kind: 'lost' };
    if (cause === 'memory') {
      const diagnostic = { fact: `the unit of ${job.node} ended: ${how}`, fix: killedFix(true) };
      return { kind: 'failed', cause, diagnostic, log: words };
    }
    const times = (this.times.get(job.node) ?? 0) + (demands.isAlone ? 1 : 0);
    this.times.set(job.node, times);
    if (times < MOST_LOSSES) return { kind: 'lost' };
    const fact = `the unit of ${job.node} ${how}, ${MOST_LOSSES} times while it had no other node`;
    return {
      kind: 'failed',
      cause: 'crash',
      diagnostic: { fact, fix: killedFix(how.includes('SIGKILL')) },
      log: words,
    };
  }
}
