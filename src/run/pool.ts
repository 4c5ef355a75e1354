import { type ChildProcess, fork } from 'node:child_process';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ArtefactDigest } from '../base/digest.ts';
import type { ErrorReport } from '../base/error-report.ts';
import type { FailureCause } from '../store/failed-attempt.ts';
import { type Deferred, deferred } from './deferred.ts';
import type { FromWorker, Job, ToWorker, UnreadableInput, WorkerSetup } from './protocol.ts';
import { workerEnvironment } from './worker-environment.ts';

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
    }
  /** The stage was not called: an input could not be read. */
  | { readonly kind: 'unreadable'; readonly input: UnreadableInput }
  /** The stage had returned, but another job brought the process down before the artefacts were on the disk. */
  | { readonly kind: 'lost' };

/** Whether another attempt may end otherwise. */
export function isRetriable({ cause }: Extract<JobOutcome, { kind: 'failed' }>): boolean {
  return cause === 'stage' || cause === 'crash' || cause === 'timeout';
}

export interface RunningJob {
  readonly worker: number;
  /** Settles when the worker can take another job; never rejects. */
  readonly free: Promise<void>;
  /** Settles when the artefacts are on the disk, or never will be; never rejects. */
  readonly outcome: Promise<JobOutcome>;
}

/** A commit of a stage this short is a good part of its cost: the worker computes on while it is under way, and commits are grouped. */
const SHORT_STAGE_SECONDS = 0.02;

const STDERR_LIMIT = 16 * 1024;

/** How long a dead worker's last words may take to come: a process that a stage started and left behind may hold its stderr open for ever. */
const LAST_WORDS_MS = 500;

interface Assignment {
  readonly job: Job;
  readonly onProgress: (fraction: number) => void;
  /** Gives the worker's slot back, if this job still holds it. */
  readonly free: () => void;
  readonly settle: (outcome: JobOutcome) => void;
  readonly timer: NodeJS.Timeout | undefined;
  computed: boolean;
}

interface Worker {
  readonly id: number;
  readonly process: ChildProcess;
  readonly assignments: Map<number, Assignment>;
  /** The job that holds the slot; others may still be on their way to the disk. */
  current: number | undefined;
  stderr: string;
  /** Settled when the process has ended and its jobs are settled. */
  readonly buried: Deferred<void>;
}

/** Child processes that execute nodes. One that crashes takes only the node it was executing with it; the next node gets a new one. */
export class WorkerPool {
  private readonly workerFile: string;
  private readonly setup: WorkerSetup;
  private readonly workers = new Map<number, Worker>();
  private nextWorker = 1;
  private stopping = false;

  constructor(workerFile: string, setup: WorkerSetup) {
    this.workerFile = workerFile;
    this.setup = setup;
  }

  /** Gives a job to an idle worker, if possible the one that is preferred (it still holds the chain's last weights). */
  run(
    job: Job,
    preferred: number | undefined,
    limitSeconds: number | undefined,
    onProgress: (fraction: number) => void,
  ): RunningJob {
    const worker = this.idleWorker(preferred);
    worker.current = job.id;
    // What is said from now on is this job's.
    worker.stderr = '';
    const freed = deferred<void>();
    const outcome = deferred<JobOutcome>();
    const free = () => {
      if (worker.current === job.id) worker.current = undefined;
      freed.resolve();
    };
    const timer =
      limitSeconds === undefined
        ? undefined
        : setTimeout(() => this.expire(worker, job, limitSeconds), limitSeconds * 1000);
    worker.assignments.set(job.id, {
      job,
      onProgress,
      free,
      settle: (result) => {
        clearTimeout(timer);
        worker.assignments.delete(job.id);
        free();
        outcome.resolve(result);
      },
      timer,
      computed: false,
    });
    this.send(worker, { type: 'execute', job });
    return { worker: worker.id, free: freed.promise, outcome: outcome.promise };
  }

  /** Ends all processes: idle ones by themselves, the others by force. */
  async stop(): Promise<void> {
    this.stopping = true;
    const buried = [...this.workers.values()].map((worker) => worker.buried.promise);
    for (const worker of this.workers.values()) {
      if (worker.assignments.size > 0) worker.process.kill('SIGKILL');
      else this.send(worker, { type: 'exit' });
    }
    await Promise.all(buried);
  }

  /** Ends a job by force, and the process that executes it; other jobs of it that are not on the disk yet are lost too. */
  cancel(job: number): void {
    for (const worker of this.workers.values()) {
      if (worker.current !== job) continue;
      this.workers.delete(worker.id);
      for (const { settle } of [...worker.assignments.values()]) settle({ kind: 'lost' });
      worker.process.kill('SIGKILL');
    }
  }

  private idleWorker(preferred: number | undefined): Worker {
    const first = preferred === undefined ? undefined : this.workers.get(preferred);
    if (first && first.current === undefined) return first;
    for (const worker of this.workers.values()) if (worker.current === undefined) return worker;
    return this.start();
  }

  private start(): Worker {
    const child = fork(this.workerFile, [JSON.stringify(this.setup)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
      env: workerEnvironment(process.env),
    });
    const worker: Worker = {
      id: this.nextWorker++,
      process: child,
      assignments: new Map(),
      current: undefined,
      stderr: '',
      buried: deferred(),
    };
    this.workers.set(worker.id, worker);
    const keep = (chunk: Buffer) => {
      worker.stderr = (worker.stderr + chunk.toString('utf8')).slice(-STDERR_LIMIT);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('message', (message: FromWorker) => this.receive(worker, message));
    child.on('error', () => this.bury(worker, 'could not be started'));
    child.on('exit', (code, signal) => {
      const how = signal ? `was killed by ${signal}` : `ended with exit code ${code}`;
      const timer = setTimeout(() => this.bury(worker, how), LAST_WORDS_MS);
      // 'close' comes after the last of stderr, which says why it died.
      child.on('close', () => {
        clearTimeout(timer);
        this.bury(worker, how);
      });
    });
    return worker;
  }

  private send(worker: Worker, message: ToWorker): void {
    // A worker that has just died cannot be written to; its 'exit' event settles what it was given.
    worker.process.send(message, () => {});
  }

  private receive(worker: Worker, message: FromWorker): void {
    const assignment = worker.assignments.get(message.job);
    if (!assignment) return;
    switch (message.type) {
      case 'progress':
        assignment.onProgress(message.fraction);
        break;
      case 'computed':
        assignment.computed = true;
        clearTimeout(assignment.timer);
        if (message.seconds < SHORT_STAGE_SECONDS) assignment.free();
        break;
      case 'committed': {
        const { outputs, seconds, bytes } = message;
        assignment.settle({ kind: 'committed', outputs, seconds, bytes });
        break;
      }
      case 'unreadable':
        assignment.settle({ kind: 'unreadable', input: message.input });
        break;
      case 'failed': {
        const { cause, diagnostic, error, log } = message;
        assignment.settle({ kind: 'failed', cause, diagnostic, ...(error ? { error } : {}), log });
        break;
      }
    }
  }

  private expire(worker: Worker, job: Job, limitSeconds: number): void {
    worker.assignments.get(job.id)?.settle({
      kind: 'failed',
      cause: 'timeout',
      diagnostic: {
        fact: `${job.node} was stopped after its timeout of ${limitSeconds} s`,
        fix: `give stage ${job.stage} a longer "timeout:", or less to do`,
      },
      log: worker.stderr,
    });
    this.workers.delete(worker.id);
    worker.process.kill('SIGKILL');
  }

  private bury(worker: Worker, how: string): void {
    this.workers.delete(worker.id);
    // Held open by somebody else, they would keep this process alive.
    worker.process.stdout?.destroy();
    worker.process.stderr?.destroy();
    for (const { job, computed, settle } of [...worker.assignments.values()]) {
      if (computed || this.stopping) settle({ kind: 'lost' });
      else {
        settle({
          kind: 'failed',
          cause: 'crash',
          diagnostic: {
            fact: `the worker process of ${job.node} ${how}`,
            fix: how.includes('SIGKILL')
              ? 'the system may be out of memory: run fewer nodes at once (--jobs), or give the stage "resources: {memory: …}"'
              : 'its last words are in the log below',
          },
          log: worker.stderr,
        });
      }
    }
    worker.buried.resolve();
  }
}
