import { type Deferred, deferred } from '../base/deferred.ts';
import type { ArtefactDigest } from '../base/digest.ts';
import type { OutputReference, StageResources } from '../plan/plan.ts';
import { judge, type Subject } from '../staleness/judge.ts';
import type { RunRequest } from '../staleness/subjects.ts';
import { surveyEach } from '../staleness/survey.ts';
import type { Store } from '../store/store.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import type { WorkerPool } from '../workers/pool.ts';
import type { Job } from '../workers/protocol.ts';
import type { Command } from './command.ts';
import type { RunListener, RunSummary } from './events.ts';
import { ExecutionQueue } from './execution-queue.ts';
import { measuredDurations } from './measured-durations.ts';
import { Priorities } from './priorities.ts';
import { RunState, type RunWishes } from './run-state.ts';
import { timingOfRun } from './run-timing.ts';
import { step } from './step.ts';
import type { StepEvent } from './step-event.ts';
import { newTask, type Task } from './task.ts';

export interface RunOptions extends RunWishes {
  readonly jobs: number;
  /** What all running nodes together may use. */
  readonly capacity: StageResources;
  readonly listener: RunListener;
}

/** Carries out the commands of `step`, and passes it the results as events. One instance serves one run. */
export class RunLoop {
  readonly state: RunState;
  private readonly request: RunRequest;
  private readonly store: Store;
  private readonly pool: WorkerPool;
  private readonly options: RunOptions;
  private readonly queue: ExecutionQueue;
  private readonly started = performance.now();
  /** Settles when `step` has ended the run. */
  private readonly end: Deferred<void> = deferred();
  /** Events that `step` has not seen yet. */
  private readonly events: StepEvent[] = [];
  private isStepping = false;
  /** Computed for the first task. */
  private priorities: Priorities | undefined;
  /** Tasks that run or are being committed, by job. */
  private readonly running = new Map<number, Subject>();
  /** The worker that has the last step's outputs of each chain in its memory. */
  private readonly chainWorkers = new Map<string, number>();
  /** Settles when the worker that executes a task is free. */
  private readonly freed = new WeakMap<Task, Promise<void>>();
  private nextJob = 1;

  constructor(request: RunRequest, store: Store, pool: WorkerPool, options: RunOptions) {
    this.request = request;
    this.store = store;
    this.pool = pool;
    this.options = options;
    this.state = new RunState(request, options);
    this.queue = new ExecutionQueue(options.jobs, options.capacity);
  }

  /**
   * Runs to the end and returns the counts.
   * @throws {Failure} kind `store` when the cache can no longer be written: nothing sensible can follow.
   */
  async run(): Promise<RunSummary> {
    const { state, store } = this;
    const { nodes, ledger } = state;
    this.options.listener({ type: 'planned', nodes: nodes.length, jobs: this.options.jobs });
    this.happen({ type: 'surveyed', stale: this.survey() });
    await this.end.promise;
    if (state.problem === undefined) {
      if (state.cutOffKeys.size > 0) await store.rememberKeys(state.cutOffKeys);
      const measured = measuredDurations(nodes, ledger.journal());
      if (Object.keys(measured).length > 0) await store.putDurations({ ...store.durations(), ...measured });
    }
    const summary = this.summary(this.elapsed());
    this.options.listener(summary);
    if (state.problem !== undefined) throw state.problem;
    return summary;
  }

  /** Lets running nodes finish and starts no more. */
  stopSoon(): void {
    // The summary is the last event of every run.
    if (this.state.isOver) return;
    const { running } = this.queue;
    this.happen({ type: 'stopped' });
    this.options.listener({ type: 'stopping', running });
  }

  /** Ends the run at once, for a reason that no node has caused. */
  abort(error: unknown): void {
    this.happen({ type: 'broken', error });
  }

  /** Ends the running nodes by force; finished ones stay. */
  async stopNow(): Promise<void> {
    this.happen({ type: 'stopped' });
    await this.pool.stop();
  }

  /** The pipeline was edited: ends the running nodes that are no longer valid, lets the others finish, and starts no more. */
  stopOutdated(isValid: (subject: Subject) => boolean): void {
    this.happen({ type: 'stopped' });
    for (const [job, subject] of [...this.running]) if (!isValid(subject)) this.pool.cancel(job);
  }

  /** Enters what is up to date. @returns the first nodes that are not */
  private survey(): readonly Task[] {
    const { state, store, options } = this;
    const stale: Task[] = [];
    if (!state.isAccepting) return stale;
    surveyEach(state.nodes, state.subjects, state.outputs, store, (found) => {
      if (found.state === 'stale') stale.push(newTask(found.subject, { kind: 'record' }, found.reason));
      if (found.state !== 'current') return;
      state.enterFound(found.subject, found.outputs, found.seconds);
      options.listener({ type: 'upToDate', node: found.node.id });
    });
    return stale;
  }

  /** Passes an event to `step`, and the events that follow from it. It is a loop, since chains are thousands of nodes long. */
  private happen(event: StepEvent): void {
    this.events.push(event);
    if (this.isStepping) return;
    this.isStepping = true;
    try {
      for (const next of this.events) for (const command of step(this.state, next)) this.carryOut(command);
    } catch (error) {
      for (const command of step(this.state, { type: 'broken', error })) this.carryOut(command);
    }
    this.events.length = 0;
    this.isStepping = false;
    this.queue.start();
  }

  private carryOut(command: Command): void {
    switch (command.type) {
      case 'tell':
        this.options.listener(command.event);
        break;
      case 'judge':
        this.happen({ ...command, type: 'judged', verdict: judge(command.subject, this.store) });
        break;
      case 'find bytes':
        this.happen({ type: 'found bytes', reader: command.reader, lacking: this.lacking(command.sources) });
        break;
      case 'queue':
        this.enqueue(command.task);
        break;
      case 'execute':
        this.execute(command.task);
        break;
      case 'quarantine':
        this.write(() => this.store.quarantine(command.digest), { type: 'quarantined', task: command.task });
        break;
      case 'evict':
        this.write(() => this.evict(command.digests), { type: 'evicted' });
        break;
      case 'end':
        this.end.resolve();
    }
  }

  /** The finished nodes whose bytes are missing, each once. */
  private lacking(sources: readonly OutputReference[]): readonly number[] {
    const { subjects, outputs, bytes } = this.state;
    const isLacking = (source: OutputReference) => {
      const digest = subjects.digest(source, outputs);
      return digest !== undefined && (bytes.isEvicted(digest) || !this.store.hasArtefact(digest));
    };
    return [...new Set(sources.filter(isLacking).map(({ node }) => node))];
  }

  private write(write: () => Promise<unknown>, done: StepEvent): void {
    write()
      .then(() => {
        this.store.refresh();
        this.happen(done);
      })
      .catch((error: unknown) => this.abort(error));
  }

  private async evict(digests: readonly ArtefactDigest[]): Promise<void> {
    const present = digests.filter((digest) => this.store.hasArtefact(digest));
    if (present.length > 0) await this.store.dropArtefacts(present);
  }

  private enqueue(task: Task): void {
    const { node } = task.subject;
    const { state, store, queue } = this;
    this.priorities ??= new Priorities(
      this.request.plan,
      store.durations(),
      (index) => state.outputs[index] !== undefined,
    );
    // A running queue starts the first node that it gets, whatever comes after it.
    queue.pause();
    queue.add(
      async () => {
        this.happen({ type: 'admitted', task });
        await this.freed.get(task);
      },
      { priority: this.priorities.of(node, task.continuesChain), resources: node.stage.resources },
    );
  }

  private execute(task: Task): void {
    const { subject, deaths } = task;
    const { id, chain, stage } = subject.node;
    const { listener } = this.options;
    const job = this.jobOf(task);
    const preferred = chain === undefined ? undefined : this.chainWorkers.get(chain);
    const demands = { limitSeconds: stage.timeoutSeconds, isAlone: deaths !== undefined };
    const start = this.elapsed();
    const { worker, free, outcome } = this.pool.run(job, preferred, demands, {
      progress: (fraction) => listener({ type: 'progress', node: id, fraction }),
      warning: (diagnostic) => listener({ type: 'warning', node: id, diagnostic }),
    });
    if (chain !== undefined) this.chainWorkers.set(chain, worker);
    this.running.set(job.id, subject);
    let end: number | undefined;
    this.freed.set(
      task,
      free.then(() => {
        end = this.elapsed();
      }),
    );
    outcome
      .then((result) => {
        this.running.delete(job.id);
        this.look(result);
        this.happen({ type: 'ended', task, outcome: result, times: { worker, start, end: end ?? this.elapsed() } });
      })
      .catch((error: unknown) => this.abort(error));
  }

  /** Called before an outcome is used. */
  private look({ kind, ...outcome }: JobOutcome): void {
    if (kind === 'committed') this.store.refresh();
    // What a process read in the cache may have ended it: then every other worker would end too.
    if (kind === 'lost' || ('cause' in outcome && outcome.cause === 'crash')) this.store.checkFile();
  }

  private jobOf({ subject, attempt, purpose }: Task): Job {
    const { node, key, code, compute, surroundings, inputs } = subject;
    const { name, module, outputs, undeclared, secrets } = node.stage;
    return {
      id: this.nextJob++,
      node: node.id,
      key,
      stage: name,
      module: module.path,
      code,
      params: node.params,
      coordinates: node.coordinates,
      inputs,
      outputs,
      compute: compute ?? null,
      surroundings,
      undeclared,
      secrets,
      attempt,
      purpose,
    };
  }

  /** Seconds since the run began. */
  private elapsed(): number {
    return (performance.now() - this.started) / 1000;
  }

  private summary(seconds: number): RunSummary {
    const { state, options } = this;
    const ended = state.counts.failed > 0 || state.problem !== undefined ? 'failed' : 'done';
    const outcome = state.isInterrupted ? 'interrupted' : ended;
    const timing = timingOfRun(state.nodes, state.ledger.journal(), seconds, options.jobs);
    const skipped = state.skipped();
    return { type: 'summary', outcome, ...state.counts, skipped, seconds, ...(timing ? { timing } : {}) };
  }
}
