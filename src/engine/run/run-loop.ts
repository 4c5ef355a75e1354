import { type Deferred, deferred } from '../base/deferred.ts';
import type { NodeId, StageResources } from '../plan/plan.ts';
import { publishingProblems } from '../shared/publishing-problems.ts';
import type { SharedResults } from '../shared/shared-results.ts';
import type { RunRequest, Subject } from '../staleness/subjects.ts';
import type { Store } from '../store/store.ts';
import type { Executor, JobListener, StepAhead } from '../workers/executor.ts';
import { AttemptClock } from './attempt-clock.ts';
import { measuredDurations } from './durations.ts';
import type { RunListener, RunSummary } from './events.ts';
import { ExecutionQueue } from './execution-queue.ts';
import { ExecutorQueue } from './executor-queue.ts';
import type { AttemptTimes } from './ledger.ts';
import type { Command, StepEvent } from './messages.ts';
import { Priorities } from './priorities.ts';
import { type ExecutorWishes, RunState, type RunWishes } from './run-state.ts';
import { summaryOf } from './run-summary.ts';
import { step } from './step.ts';
import { secondsOfUnit } from './steps-ahead.ts';
import { demandsOf, jobAheadOf, jobOf, type Task } from './task.ts';

/** Milliseconds, and part of its time, for which a run waits for the shared cache in the end. */
const LEAST_PATIENCE_MS = 300;
const PART_OF_RUN = 0.04;

/** An executor for some of the nodes. */
export interface RunExecutor extends ExecutorWishes {
  readonly executor: Executor;
  readonly slots: number;
}

/** Is told what no event says. It must not wait for anything. */
export interface RunObserver {
  /** A worker has got an attempt of a node. */
  assigned(task: Task, worker: number, executor: string | undefined): void;
  /** A running node has printed something. @param omitted how many bytes before it were left out */
  output(node: NodeId, text: string, omitted: number): void;
}

export interface RunOptions extends RunWishes {
  readonly jobs: number;
  /** What all running nodes together may use. */
  readonly capacity: StageResources;
  readonly listener: RunListener;
  readonly observer?: RunObserver;
  /** Other machines' results. */
  readonly shared?: SharedResults | undefined;
  readonly executors?: ReadonlyMap<string, RunExecutor>;
}

/** Carries out the commands of `step`, and passes it the results as events. One instance serves one run. */
export class RunLoop {
  readonly state: RunState;
  private readonly store: Store;
  private readonly pool: Executor;
  private readonly options: RunOptions;
  private readonly queue: ExecutionQueue;
  private readonly queues: ReadonlyMap<string, ExecutorQueue>;
  private readonly clock = new AttemptClock();
  /** Settles when `step` has ended the run. */
  private readonly end: Deferred<void> = deferred();
  /** Events that `step` has not seen yet. */
  private readonly events: StepEvent[] = [];
  /** Computed for the first task. */
  private priorities: Priorities | undefined;
  /** Tasks that run or are being committed, by job. */
  private readonly running = new Map<number, Subject>();
  /** The worker that has the last step's outputs of each chain in its memory. */
  private readonly chainWorkers = new Map<string, number>();
  /** Settles when the worker that executes a task is free. */
  private readonly freed = new WeakMap<Task, Promise<void>>();

  constructor(request: RunRequest, store: Store, pool: Executor, options: RunOptions) {
    this.store = store;
    this.pool = pool;
    this.options = options;
    this.state = new RunState(request, { ...options, isShared: options.shared !== undefined }, store, Date.now());
    this.queue = new ExecutionQueue(options.jobs, options.capacity);
    this.queues = new Map(
      [...(options.executors ?? [])].map(([name, each]) => [
        name,
        new ExecutorQueue(each, (node) => secondsOfUnit(this.state, node)),
      ]),
    );
  }

  /**
   * Runs to the end and returns the counts.
   * @throws {Failure} kind `store` when the cache can no longer be written: nothing sensible can follow.
   */
  async run(): Promise<RunSummary> {
    const { state } = this;
    const { listener, jobs, executors } = this.options;
    listener({ type: 'planned', nodes: state.nodes.length, jobs });
    this.happen({ type: 'begun' });
    await this.end.promise;
    if (state.problem === undefined) await this.remember();
    await this.endSharing();
    const slotsOf = (name: string | undefined) => (name === undefined ? jobs : (executors?.get(name)?.slots ?? 0));
    const summary = summaryOf(state, this.clock.now(), slotsOf);
    listener(summary);
    if (state.problem !== undefined) throw state.problem;
    return summary;
  }

  /** Writes what spares later runs work. */
  private async remember(): Promise<void> {
    const { store } = this;
    const { nodes, known, ledger } = this.state;
    const cutOff = ledger.cutOffKeys();
    if (cutOff.size > 0) await store.rememberKeys(cutOff);
    const lists = known.groups.toRemember(known.outputs, ledger.keys);
    if (lists.size > 0) await store.rememberTraces(lists, known.revision);
    const measured = measuredDurations(nodes, ledger.attempts);
    if (Object.keys(measured).length > 0) await store.putDurations({ ...store.durations(), ...measured });
  }

  /** What is not published by now is not waited for. */
  private async endSharing(): Promise<void> {
    const { shared, listener } = this.options;
    if (!shared) return;
    const published = await shared.finish(Math.max(LEAST_PATIENCE_MS, this.clock.now() * 1000 * PART_OF_RUN));
    for (const diagnostic of publishingProblems(published)) listener({ type: 'warning', diagnostic });
  }

  /** Lets running nodes finish and starts no more. */
  stopSoon(): void {
    // The summary is the last event of every run.
    if (this.state.isOver) return;
    const running = [this.queue, ...this.queues.values()].reduce((sum, queue) => sum + queue.running, 0);
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
    await Promise.all(this.executors.map((executor) => executor.stop()));
  }

  /** The pipeline was edited: ends the running nodes that are no longer valid, lets the others finish, and starts no more. */
  stopOutdated(isValid: (subject: Subject) => boolean): void {
    this.happen({ type: 'stopped' });
    for (const [job, subject] of [...this.running]) {
      if (!isValid(subject)) for (const executor of this.executors) executor.cancel(job);
    }
  }

  /** Passes an event to `step`. A listener may cause another one meanwhile, which comes next. */
  private happen(event: StepEvent): void {
    if (this.events.push(event) > 1) return;
    try {
      for (const next of this.events) for (const command of step(this.state, next)) this.carryOut(command);
    } catch (error) {
      for (const command of step(this.state, { type: 'broken', error })) this.carryOut(command);
    }
    this.events.length = 0;
    this.queue.start();
    for (const queue of this.queues.values()) queue.start();
  }

  private carryOut(command: Command): void {
    switch (command.type) {
      case 'lookUp':
        this.lookUp(command.task);
        break;
      case 'queue':
        this.enqueue(command.task);
        break;
      case 'execute':
        this.execute(command);
        break;
      case 'recall':
        for (const job of command.jobs) for (const executor of this.executors) executor.cancel(job);
        break;
      case 'quarantine':
        this.write(this.store.quarantine(command.digest), { type: 'quarantined', task: command.task });
        break;
      case 'evict':
        this.write(this.store.dropArtefacts(command.digests), { type: 'evicted' });
        break;
      case 'end':
        this.end.resolve();
        break;
      default:
        this.options.listener(command);
    }
  }

  private lookUp(task: Task): void {
    const { shared } = this.options;
    const answer = shared ? shared.find(task.subject, task.purpose) : Promise.resolve(undefined);
    answer.then((found) => this.happen({ type: 'lookedUp', task, found })).catch((error: unknown) => this.abort(error));
  }

  private write(written: Promise<unknown>, done: StepEvent): void {
    written
      .then(() => {
        this.store.refresh();
        this.happen(done);
      })
      .catch((error: unknown) => this.abort(error));
  }

  private enqueue(task: Task): void {
    this.clock.isReady(task);
    const { state, store, queue } = this;
    const { node } = task.subject;
    const isDone = (index: number) => state.known.outputs[index] !== undefined;
    this.priorities ??= new Priorities(state.plan, store.durations(), isDone);
    // A running queue starts the first node that it gets, whatever comes after it.
    const start = async () => {
      this.happen({ type: 'admitted', task });
      await this.freed.get(task);
    };
    const { resources } = demandsOf(task);
    const priority = this.priorities.of(node, task.continuesChain);
    const name = this.state.executorOfTask(task);
    const remote = name === undefined ? undefined : this.queues.get(name);
    if (remote && state.isSentAhead(node)) {
      remote.take(start, node);
      return;
    }
    if (remote) {
      remote.pause();
      remote.add(start, { priority, node });
      return;
    }
    queue.pause();
    queue.add(start, { priority, resources });
  }

  private execute({ task, job: id, ahead: steps }: Extract<Command, { type: 'execute' }>): void {
    const { subject } = task;
    const { id: node, chain } = subject.node;
    const { listener, observer } = this.options;
    const job = jobOf(task, id);
    const { known, sentAhead } = this.state;
    const ahead = steps.map(
      (each): StepAhead => ({ id: each.job, describe: () => jobAheadOf(known, each, sentAhead) }),
    );
    const preferred = chain === undefined ? undefined : this.chainWorkers.get(chain);
    const start = this.clock.now();
    const name = this.state.executorOfTask(task);
    const executor = (name === undefined ? undefined : this.options.executors?.get(name)?.executor) ?? this.pool;
    const told: JobListener = {
      progress: (fraction) => listener({ type: 'progress', node, fraction }),
      metrics: (values) => listener({ type: 'metrics', node, values }),
      warning: (diagnostic) => listener({ type: 'warning', node, diagnostic }),
      begun: (secondsAgo) => {
        const queued = this.clock.queued(task, this.clock.now() - secondsAgo);
        if (name !== undefined) listener({ type: 'executing', node, executor: name, host: host?.() ?? '', queued });
      },
      ...(observer ? { output: (text: string, omitted: number) => observer.output(node, text, omitted) } : {}),
    };
    const { worker, free, outcome, host, ran } = executor.run(job, preferred, demandsOf(task), told, ahead);
    observer?.assigned(task, worker, name);
    if (chain !== undefined) this.chainWorkers.set(chain, worker);
    this.running.set(job.id, subject);
    let end: number | undefined;
    const freed = free.then(() => {
      end = this.clock.now();
    });
    this.freed.set(task, freed);
    outcome
      .then((result) => {
        this.running.delete(job.id);
        if (result.kind === 'committed') {
          this.store.refresh();
          if (task.purpose.kind === 'record') void this.options.shared?.publishSoon(subject.key);
        }
        // What a process read in the cache may have ended it: then every other worker would end too.
        if (result.kind === 'lost' || ('cause' in result && result.cause === 'crash')) this.store.checkFile();
        const local = { worker, start, end: end ?? this.clock.now() };
        const took = result.kind === 'committed' ? result.seconds : ran?.();
        const times = host ? { ...this.clock.sent(local, took), ...placeOf(name, host()) } : local;
        const queued = this.clock.queued(task, times.start);
        this.happen({ type: 'ended', task, outcome: result, times: { ...times, queued } });
      })
      .catch((error: unknown) => this.abort(error));
  }

  private get executors(): readonly Executor[] {
    return [this.pool, ...[...(this.options.executors?.values() ?? [])].map(({ executor }) => executor)];
  }
}

function placeOf(executor: string | undefined, host: string | undefined): Pick<AttemptTimes, 'executor' | 'host'> {
  return { ...(executor === undefined ? {} : { executor }), ...(host === undefined ? {} : { host }) };
}
