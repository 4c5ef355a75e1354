import PQueue from 'p-queue';
import type { ArtefactDigest, NodeKey } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import type { NodeId, PlanNode, StageResources } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';
import { type Deferred, deferred } from './deferred.ts';
import type { RunListener, RunSummary } from './events.ts';
import { RunLedger } from './ledger.ts';
import { NodeTable } from './node-table.ts';
import type { JobOutcome, RunningJob, WorkerPool } from './pool.ts';
import { criticalPaths, durationName, priority } from './priorities.ts';
import { type ReadyOptions, ResourceBudget, readyQueueClass } from './ready-queue.ts';
import { TIMED_SECONDS, timingOf } from './run-timing.ts';
import { judge, type StaleReason, type Subject } from './staleness.ts';
import { type RunRequest, Subjects } from './subjects.ts';

export interface ScheduleOptions {
  readonly jobs: number;
  /** What all running nodes together may use. */
  readonly capacity: StageResources;
  /** Whether nodes that do not depend on a failed one still run. */
  readonly keepGoing: boolean;
  readonly listener: RunListener;
}

type FailedOutcome = Extract<JobOutcome, { kind: 'failed' }>;

/** Runs the stale nodes of a plan, each as soon as its inputs are known. One scheduler serves one run. */
export class Scheduler {
  private readonly store: Store;
  private readonly pool: WorkerPool;
  private readonly options: ScheduleOptions;

  /** What has become of each node so far. */
  readonly ledger: RunLedger;
  private readonly nodes: readonly PlanNode[];
  /** Digests of finished nodes' outputs, by node index. */
  readonly outputs: (readonly ArtefactDigest[] | undefined)[];
  /** Made when the first stale node is found: a run without one has no use for it. */
  private madeTable: NodeTable | undefined;
  private readonly subjects: Subjects;
  private readonly budget: ResourceBudget;
  private readonly queue: PQueue<InstanceType<ReturnType<typeof readyQueueClass>>, ReadyOptions>;
  private readonly chainWorkers = new Map<string, number>();
  private readonly cutOffKeys = new Map<NodeId, NodeKey>();
  private readonly measured = new Map<string, { seconds: number; count: number }>();
  private readonly counts = { executed: 0, upToDate: 0, cutOff: 0, failed: 0 };
  private readonly settled: Deferred<void> = deferred();
  /** Computed when the first stale node is found: a run without one has no use for them. */
  private paths: Float64Array | undefined;
  /** Nodes that are queued, running, or on their way to the disk. */
  private pending = 0;
  private nextJob = 1;
  private accepting = true;
  private interrupted = false;
  private fatal: unknown;

  constructor(request: RunRequest, store: Store, pool: WorkerPool, options: ScheduleOptions) {
    this.store = store;
    this.pool = pool;
    this.options = options;
    this.ledger = new RunLedger(request);
    this.nodes = request.plan.nodes;
    this.outputs = new Array(this.nodes.length).fill(undefined);
    this.subjects = new Subjects(request);
    this.budget = new ResourceBudget(options.capacity);
    this.queue = new PQueue({ concurrency: options.jobs, queueClass: readyQueueClass(this.budget) });
  }

  /**
   * Runs to the end and returns the counts.
   * @throws {Failure} kind `store` when the cache can no longer be written: nothing sensible can follow.
   */
  async run(): Promise<RunSummary> {
    this.options.listener({ type: 'planned', nodes: this.nodes.length, jobs: this.options.jobs });
    this.begin();
    if (this.pending > 0) await this.settled.promise;
    if (this.fatal === undefined) await this.rememberWhatWasLearnt();
    const summary = this.summary(this.ledger.elapsed());
    this.options.listener(summary);
    if (this.fatal !== undefined) throw this.fatal;
    return summary;
  }

  /** Lets running nodes finish and starts no more. */
  stopSoon(): void {
    this.accepting = false;
    this.interrupted = true;
    this.options.listener({ type: 'stopping', running: this.queue.pending });
  }

  /** Ends the running nodes by force; what was finished stays. */
  async stopNow(): Promise<void> {
    this.accepting = false;
    this.interrupted = true;
    await this.pool.stop();
  }

  /** One pass in the order of the plan finds what is up to date, and the first stale nodes. */
  private begin(): void {
    const stale: { subject: Subject; reason: StaleReason }[] = [];
    for (const node of this.nodes) {
      const subject = this.subjects.subject(node, this.outputs);
      // Something above it is stale.
      if (!subject) continue;
      const verdict = judge(subject, this.store);
      if (verdict.status === 'current') {
        this.outputs[node.index] = verdict.trace.outputs;
        this.counts.upToDate++;
        this.ledger.decide(node, subject.key, 'up to date');
        this.options.listener({ type: 'upToDate', node: node.id });
      } else {
        stale.push({ subject, reason: verdict.reason });
      }
    }
    if (stale.length === 0) return;
    // A queue that runs starts the first node it is given, whatever comes after it: the most urgent is known when all are in.
    this.queue.pause();
    for (const { subject, reason } of stale) this.pend(subject, reason, false);
    this.queue.start();
  }

  /** Decides on nodes whose last missing input was this node, and on those that become ready thereby. A loop: chains are thousands of nodes long. */
  private goOn(finished: PlanNode, outputs: readonly ArtefactDigest[]): void {
    this.queue.pause();
    const work = [...this.table.finish(finished, outputs, true)];
    for (let index = 0; index < work.length; index++) {
      const next = work[index] as PlanNode;
      const subject = this.subjects.subject(next, this.outputs) as Subject;
      const verdict = judge(subject, this.store);
      if (verdict.status === 'current') {
        this.recordCutOff(subject);
        work.push(...this.table.finish(next, verdict.trace.outputs, false));
      } else {
        this.pend(subject, verdict.reason, next.chain !== undefined && next.chain === finished.chain);
      }
    }
    this.queue.start();
  }

  private get table(): NodeTable {
    this.madeTable ??= new NodeTable(this.nodes, this.outputs);
    return this.madeTable;
  }

  private pend(subject: Subject, reason: StaleReason, continuesChain: boolean): void {
    this.table.pend(subject.node);
    this.pending++;
    this.enqueue(subject, reason, 1, continuesChain);
  }

  /** Found in the cache, with something above it executed: that gave the same bytes as before. */
  private recordCutOff({ node, key }: Subject): void {
    this.ledger.decide(node, key, 'cut off');
    this.counts.cutOff++;
    this.cutOffKeys.set(node.id, key);
    this.options.listener({ type: 'cutOff', node: node.id });
  }

  private enqueue(subject: Subject, reason: StaleReason, attempt: number, continuesChain: boolean): void {
    const { node } = subject;
    const { resources } = node.stage;
    const task = async (): Promise<void> => {
      try {
        if (!this.accepting) {
          this.settle();
          return;
        }
        const running = this.start(subject, reason, attempt);
        this.ledger.watch(subject, attempt, running);
        running.outcome
          .then((outcome) => this.conclude(subject, reason, attempt, outcome))
          .catch((error: unknown) => this.abort(error));
        await running.free;
      } finally {
        this.budget.giveBack(resources);
        // p-queue starts one task per finished one; a node that used several threads makes room for more.
        setImmediate(() => {
          this.queue.concurrency = this.options.jobs;
        });
      }
    };
    void this.queue.add(task, { priority: priority(this.criticalPath(node), continuesChain), resources });
  }

  private criticalPath(node: PlanNode): number {
    if (!this.paths) {
      const known = this.store.durations();
      this.paths = criticalPaths(this.nodes, (each) => known[durationName(each)] ?? 1);
    }
    return this.paths[node.index] as number;
  }

  private start(subject: Subject, reason: StaleReason, attempt: number): RunningJob {
    const { node, key, code, compute, inputs } = subject;
    this.options.listener({ type: 'started', node: node.id, attempt, reason });
    const job = {
      id: this.nextJob++,
      node: node.id,
      key,
      stage: node.stage.name,
      module: node.stage.module.path,
      code,
      params: node.params,
      coordinates: node.coordinates,
      inputs,
      outputs: node.stage.outputs,
      compute: compute ?? null,
      attempt,
    };
    const preferred = node.chain === undefined ? undefined : this.chainWorkers.get(node.chain);
    const running = this.pool.run(job, preferred, node.stage.timeoutSeconds, (fraction) => {
      this.options.listener({ type: 'progress', node: node.id, fraction });
    });
    if (node.chain !== undefined) this.chainWorkers.set(node.chain, running.worker);
    return running;
  }

  private conclude(subject: Subject, reason: StaleReason, attempt: number, outcome: JobOutcome): void {
    const { node } = subject;
    if (outcome.kind === 'committed') {
      const { outputs, seconds, bytes } = outcome;
      this.counts.executed++;
      this.measure(node, seconds);
      this.options.listener({ type: 'finished', node: node.id, seconds, bytes });
      this.store.refresh();
      this.goOn(node, outputs);
      this.settle();
    } else if (!this.accepting && outcome.kind === 'lost') {
      this.settle();
    } else if (outcome.kind === 'lost') {
      this.enqueue(subject, reason, attempt, true);
    } else if (isRetriable(outcome) && attempt <= node.stage.retries && this.accepting) {
      this.options.listener({ type: 'retrying', node: node.id, attempt: attempt + 1, diagnostic: outcome.diagnostic });
      this.enqueue(subject, reason, attempt + 1, true);
    } else {
      this.fail(node, outcome);
      this.settle();
    }
  }

  private fail(node: PlanNode, { cause, diagnostic, log }: FailedOutcome): void {
    this.counts.failed++;
    this.options.listener({ type: 'failed', node: node.id, diagnostic, log });
    for (const below of this.table.fail(node)) {
      this.options.listener({ type: 'skipped', node: below.id, because: node.id });
    }
    if (cause === 'store') {
      this.accepting = false;
      this.fatal ??= new Failure('store', diagnostic);
    } else if (!this.options.keepGoing) {
      this.accepting = false;
    }
  }

  /** Something that no node is to blame for: the cache cannot be read, or there is a bug. Ends the run without waiting for others. */
  private abort(error: unknown): void {
    this.accepting = false;
    this.fatal ??= error;
    this.settled.resolve();
  }

  private settle(): void {
    this.pending--;
    if (this.pending === 0) this.settled.resolve();
  }

  private measure(node: PlanNode, seconds: number): void {
    const name = durationName(node);
    const { seconds: sum, count } = this.measured.get(name) ?? { seconds: 0, count: 0 };
    this.measured.set(name, { seconds: sum + seconds, count: count + 1 });
  }

  private async rememberWhatWasLearnt(): Promise<void> {
    if (this.cutOffKeys.size > 0) await this.store.rememberKeys(this.cutOffKeys);
    if (this.measured.size === 0) return;
    const means = [...this.measured].map(([name, { seconds, count }]) => [name, seconds / count] as const);
    await this.store.putDurations({ ...this.store.durations(), ...Object.fromEntries(means) });
  }

  private summary(seconds: number): RunSummary {
    const hasFailed = this.counts.failed > 0 || this.fatal !== undefined;
    const outcome = this.interrupted ? 'interrupted' : hasFailed ? 'failed' : 'done';
    const journal = this.ledger.journal();
    const isTimed = journal.length > 0 && seconds >= TIMED_SECONDS;
    return {
      type: 'summary',
      outcome,
      ...this.counts,
      skipped: this.madeTable?.unfinished() ?? 0,
      seconds,
      ...(isTimed ? { timing: timingOf(this.nodes, journal, seconds, this.options.jobs) } : {}),
    };
  }
}

function isRetriable({ cause }: FailedOutcome): boolean {
  return cause === 'stage' || cause === 'crash' || cause === 'timeout';
}
