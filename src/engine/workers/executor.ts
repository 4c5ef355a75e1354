import type { Diagnostic } from '../base/diagnostic.ts';
import type { StageResources } from '../plan/plan.ts';
import type { MetricValue } from '../store/metric-series.ts';
import type { JobAhead } from './job-ahead.ts';
import type { JobOutcome } from './job-outcome.ts';
import type { Job } from './protocol.ts';

/** What executes jobs: worker processes of this machine, or programs that carry jobs to others. It never fails a call; outcomes tell what happened. */
export interface Executor {
  /** Starts what can be started before there is a job. */
  prepare(): void;
  /**
   * Takes a job. The run calls it only while there is room.
   * @param preferred what still holds the chain's last weights
   * @param ahead jobs that follow it, in order. They may be begun before they are given too, which happens under the same number unless they are cancelled
   */
  run(
    job: Job,
    preferred: number | undefined,
    demands: JobDemands,
    listener: JobListener,
    ahead?: readonly StepAhead[],
  ): RunningJob;
  /** Ends a job by force; its outcome is `lost`. One that was only sent ahead is forgotten. */
  cancel(job: number): void;
  /** Ends all jobs and everything that was started for them. */
  stop(): Promise<void>;
}

/** The next step of a chain. It is described only for who does not know it yet. */
export interface StepAhead {
  readonly id: number;
  describe(): { readonly job: JobAhead; readonly demands: JobDemands };
}

export interface JobDemands {
  /** Wall-clock limit of the stage; none if undefined. */
  readonly limitSeconds: number | undefined;
  /** Whether the worker has no other job until this one is on the disk. If it then ends, this job is the cause. */
  readonly isAlone: boolean;
  /** What the stage needs of a machine. */
  readonly resources: StageResources;
}

/** Called with what happens to a job before and after its end, and never before `run` has returned. */
export interface JobListener {
  progress(fraction: number): void;
  /** The newest values of metrics. */
  metrics(values: readonly MetricValue[]): void;
  /** Something that the node left behind failed after its end. */
  warning(diagnostic: Diagnostic): void;
  /** Another machine began to execute it so many seconds ago. Of short nodes, nothing is told. */
  begun?(secondsAgo: number): void;
  /** What was printed since the last time, about once a second. @param omitted how many bytes before it were left out */
  output?(text: string, omitted: number): void;
}

export interface RunningJob {
  /** The number of what executes it: a run tells it where to send the next step of a chain. */
  readonly worker: number;
  /** The host that executes it, once it is known; undefined for this one. */
  host?(): string | undefined;
  /** For how many seconds another machine has executed it, once it has ended; undefined where nobody knows. */
  ran?(): number | undefined;
  /** Settles when the worker can take another job; never rejects. */
  readonly free: Promise<void>;
  /** Settles when the artefacts are on the disk, or never will be; never rejects. */
  readonly outcome: Promise<JobOutcome>;
}

/** A job that nothing executes. */
export function notExecuted(outcome: JobOutcome): RunningJob {
  return { worker: 0, free: Promise.resolve(), outcome: Promise.resolve(outcome) };
}
