import { randomUUID } from 'node:crypto';
import { deferred } from '../base/deferred.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { type LongTimeout, startLongTimeout } from '../base/long-timeout.ts';
import type { FailureCause } from '../store/failed-attempt.ts';
import type { JobDemands, JobListener, RunningJob } from './executor.ts';
import type { JobOutcome } from './job-outcome.ts';
import { killedFix } from './killed-fix.ts';
import { LiveOutput } from './live-output.ts';
import { masked } from './masked.ts';
import { NodeMetrics } from './metrics/node-metrics.ts';
import { ranOutOfMemory, recentMemoryKills } from './out-of-memory.ts';
import { asFromWorker, type FromWorker, isShort, type Job } from './protocol.ts';
import type { Watchdog } from './watchdog.ts';
import { WorkerProcess, type WorkerProgram } from './worker-process.ts';

/** For how many ended jobs of a worker late errors are still reported. */
const REMEMBERED_JOBS = 64;

interface Assignment {
  readonly token: string;
  readonly job: Job;
  readonly demands: JobDemands;
  readonly listener: JobListener;
  /** Gives the worker's slot back, if this job still holds it. */
  readonly free: () => void;
  readonly settle: (outcome: JobOutcome) => void;
  readonly timeout: LongTimeout | undefined;
  /** The values that the worker has told: all that is left of them if it dies. */
  readonly told: NodeMetrics;
  readonly output: LiveOutput | undefined;
  computed: boolean;
  /** When the job began. */
  readonly memoryKills: number | undefined;
}

/** A worker process and its jobs: one that it executes, and others that are being committed. */
export class PoolWorker {
  readonly id: number;
  /** Settles when the process has ended and its jobs are settled. */
  readonly buried: Promise<void>;
  private readonly process: WorkerProcess;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly assignments = new Map<string, Assignment>();
  /** Listeners of ended jobs, the oldest first. */
  private readonly past = new Map<string, JobListener>();
  private isUsed = false;
  /** The job that holds the slot. */
  private current: Assignment | undefined;
  /** Once the process is ending: the outcome of its jobs when it has ended. */
  private verdict: ((assignment: Assignment) => JobOutcome) | undefined;

  constructor(id: number, program: WorkerProgram, watchdog: Watchdog) {
    this.id = id;
    this.environment = program.environment;
    this.process = new WorkerProcess(program, watchdog, (message) => {
      const known = asFromWorker(message);
      if (known) this.receive(known);
    });
    this.buried = this.process.ended.then((how) => this.bury(how));
  }

  get isIdle(): boolean {
    return this.current === undefined && this.verdict === undefined;
  }

  /** Whether it has no commit under way either. */
  get isEmpty(): boolean {
    return this.isIdle && this.assignments.size === 0;
  }

  /** Whether a stage finds the same in it as in a process of its own. */
  hasEnvironment(environment: NodeJS.ProcessEnv): boolean {
    if (environment === this.environment) return true;
    const names = Object.keys(environment);
    return (
      names.length === Object.keys(this.environment).length &&
      names.every((name) => environment[name] === this.environment[name])
    );
  }

  holds(job: number): boolean {
    return this.current?.job.id === job;
  }

  give(job: Job, demands: JobDemands, listener: JobListener): RunningJob {
    const { limitSeconds } = demands;
    const freed = deferred<void>();
    const outcome = deferred<JobOutcome>();
    const assignment: Assignment = {
      token: randomUUID(),
      job,
      demands,
      listener,
      free: () => {
        if (this.current === assignment) this.current = undefined;
        freed.resolve();
      },
      settle: (result) => {
        assignment.timeout?.clear();
        this.assignments.delete(assignment.token);
        this.remember(assignment);
        assignment.free();
        outcome.resolve(result);
      },
      timeout:
        limitSeconds === undefined
          ? undefined
          : startLongTimeout(limitSeconds * 1000, () => this.expire(assignment, limitSeconds)),
      told: new NodeMetrics({ tell: ignore, warn: ignore, mask: (name) => name }),
      output: listener.output ? new LiveOutput(job.secrets, this.environment, listener.output) : undefined,
      computed: false,
      memoryKills: recentMemoryKills(),
    };
    this.isUsed = true;
    this.current = assignment;
    this.assignments.set(assignment.token, assignment);
    this.process.send({ type: 'execute', token: assignment.token, job });
    return { worker: this.id, free: freed.promise, outcome: outcome.promise };
  }

  /** Ends the process, in order if it is idle. Its jobs are lost. */
  end(): void {
    this.verdict ??= () => ({ kind: 'lost' });
    // One that never had a job may not even have opened the cache, and leaves nothing.
    if (this.assignments.size > 0 || !this.isUsed) this.process.kill();
    else this.process.endSoon();
  }

  /** Tells what its job has printed, and keeps the file small. */
  limitOutput(): void {
    if (this.verdict === undefined) this.current?.output?.tell(this.process);
    this.process.limitOutput();
  }

  private receive(message: FromWorker): void {
    const assignment = this.assignments.get(message.token);
    if (message.type === 'warning') {
      (assignment?.listener ?? this.past.get(message.token))?.warning(message.diagnostic);
      return;
    }
    if (!assignment) return;
    switch (message.type) {
      case 'group':
        this.process.noteGroup(message.group, message.state);
        break;
      case 'progress':
        assignment.listener.progress(message.fraction);
        break;
      case 'metrics':
        for (const { name, value, step } of message.values) assignment.told.add(name, Number(value), step);
        assignment.listener.metrics(message.values);
        break;
      case 'computed': {
        assignment.computed = true;
        assignment.timeout?.clear();
        if (isShort(message.seconds) && !message.isSpent && !assignment.demands.isAlone) assignment.free();
        break;
      }
      case 'committed': {
        const { outputs, seconds, bytes, isSpent } = message;
        this.conclude(assignment, { kind: 'committed', outputs, seconds, bytes }, isSpent);
        break;
      }
      case 'unreadable':
        this.conclude(assignment, { kind: 'unreadable', input: message.input }, false);
        break;
      case 'failed': {
        const { cause, diagnostic, error, log, metrics, isSpent } = message;
        const told = { ...(error ? { error } : {}), ...(metrics.length > 0 ? { metrics } : {}) };
        this.conclude(assignment, { kind: 'failed', cause, diagnostic, log, ...told }, isSpent);
        break;
      }
    }
  }

  /** A spent worker is not used again, and the job settles only with its end. So nothing of this job is active when the next one begins. */
  private conclude(assignment: Assignment, outcome: JobOutcome, isSpent: boolean): void {
    if (!isSpent) {
      assignment.settle(outcome);
      return;
    }
    assignment.timeout?.clear();
    this.verdict ??= (other) => {
      if (other !== assignment) return { kind: 'lost' };
      // A stopped stage had no time to send its log.
      const isSilent = outcome.kind === 'failed' && outcome.log === '';
      return isSilent ? { ...outcome, log: this.log(assignment.job) } : outcome;
    };
    this.process.endSoon();
  }

  private expire(expired: Assignment, limitSeconds: number): void {
    const { job } = expired;
    this.verdict ??= (assignment) => {
      if (assignment !== expired) return { kind: 'lost' };
      const fact = `${job.node} was stopped after its timeout of ${limitSeconds} s`;
      return this.failure(expired, 'timeout', {
        fact,
        fix: `give stage ${job.stage} a longer "timeout:", or less to do`,
      });
    };
    this.process.kill();
  }

  private bury(how: string): void {
    const verdict = this.verdict ?? ((assignment: Assignment) => this.death(assignment, how));
    const ends = [...this.assignments.values()].map((assignment) => ({ assignment, outcome: verdict(assignment) }));
    this.verdict = verdict;
    this.process.close();
    for (const { assignment, outcome } of ends) assignment.settle(outcome);
  }

  private death(assignment: Assignment, how: string): JobOutcome {
    const { job, computed } = assignment;
    // The cause is unknown; each of them is executed again, alone.
    if (this.assignments.size > 1) return { kind: 'lost' };
    if (computed) return { kind: 'died', how, log: this.log(job) };
    const isKilled = how.includes('SIGKILL');
    const isOut = ranOutOfMemory(assignment.memoryKills, isKilled, this.process.lastWords());
    return this.failure(assignment, isOut ? 'memory' : 'crash', {
      fact: `the worker process of ${job.node} ${how}${isOut ? ', out of memory' : ''}`,
      fix: killedFix(isKilled || isOut),
    });
  }

  private failure({ job, told }: Assignment, cause: FailureCause, diagnostic: Diagnostic): JobOutcome {
    const metrics = told.series();
    return { kind: 'failed', cause, diagnostic, log: this.log(job), ...(metrics.length > 0 ? { metrics } : {}) };
  }

  private log({ secrets }: Job): string {
    return masked(this.process.lastWords(), secrets, this.environment);
  }

  private remember({ token, listener }: Assignment): void {
    this.past.set(token, listener);
    const [oldest] = this.past.keys();
    if (this.past.size > REMEMBERED_JOBS && oldest !== undefined) this.past.delete(oldest);
  }
}

function ignore(): void {}
