import type { ArtefactDigest, NodeKey } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import type { NodeId, OutputReference, PlanNode, StageResources } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';
import { BytesOnDemand } from './bytes-on-demand.ts';
import { Dispatcher } from './dispatcher.ts';
import type { RunListener, RunSummary } from './events.ts';
import { ExecutionQueue } from './execution-queue.ts';
import { firstPass } from './first-pass.ts';
import { RunLedger } from './ledger.ts';
import { MeasuredDurations } from './measured-durations.ts';
import { NodeTable } from './node-table.ts';
import { Outstanding } from './outstanding.ts';
import { isRetriable, type JobOutcome, type WorkerPool } from './pool.ts';
import { Priorities } from './priorities.ts';
import type { Admission } from './restorations.ts';
import { timingOfRun } from './run-timing.ts';
import { judge, type Subject } from './staleness.ts';
import { type RunRequest, Subjects } from './subjects.ts';
import type { Work } from './work.ts';

export interface ScheduleOptions {
  readonly jobs: number;
  /** What all running nodes together may use. */
  readonly capacity: StageResources;
  /** Whether nodes that do not depend on a failed one still run. */
  readonly keepGoing: boolean;
  /** Outputs whose bytes have to be there in the end: what targets publish. */
  readonly wanted: readonly OutputReference[];
  readonly listener: RunListener;
}

type FailedOutcome = Extract<JobOutcome, { kind: 'failed' }>;
type CommittedOutcome = Extract<JobOutcome, { kind: 'committed' }>;

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
  private readonly queue: ExecutionQueue;
  private readonly dispatcher: Dispatcher;
  private readonly cutOffKeys = new Map<NodeId, NodeKey>();
  private readonly measured = new MeasuredDurations();
  private readonly counts = { executed: 0, restored: 0, upToDate: 0, cutOff: 0, failed: 0 };
  private readonly bytes: BytesOnDemand;
  private readonly priorities: Priorities;
  private readonly outstanding = new Outstanding();
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
    this.priorities = new Priorities(this.nodes, store);
    this.dispatcher = new Dispatcher(pool, options.listener);
    this.queue = new ExecutionQueue(options.jobs, options.capacity);
    this.bytes = new BytesOnDemand(request, store, this.subjects, this.outputs, options.listener);
  }

  /**
   * Runs to the end and returns the counts.
   * @throws {Failure} kind `store` when the cache can no longer be written: nothing sensible can follow.
   */
  async run(): Promise<RunSummary> {
    this.options.listener({ type: 'planned', nodes: this.nodes.length, jobs: this.options.jobs });
    this.begin();
    await this.outstanding.drain();
    if (this.accepting) {
      this.schedule(() => {
        for (const source of this.options.wanted) this.take(this.bytes.want(source));
      });
      await this.outstanding.drain();
    }
    if (this.fatal === undefined) {
      await this.bytes.settled();
      if (this.cutOffKeys.size > 0) await this.store.rememberKeys(this.cutOffKeys);
      await this.measured.remember(this.store);
    }
    const summary = this.summary(this.ledger.elapsed());
    this.options.listener(summary);
    if (this.fatal !== undefined) throw this.fatal;
    return summary;
  }

  /** Lets running nodes finish and starts no more. */
  stopSoon(): void {
    this.accepting = false;
    this.interrupted = true;
    this.options.listener({ type: 'stopping', running: this.queue.running });
  }

  /** Ends the running nodes by force; what was finished stays. */
  async stopNow(): Promise<void> {
    this.accepting = false;
    this.interrupted = true;
    await this.pool.stop();
  }

  /** The pipeline was edited: ends the running nodes that are not valid any more, lets the others finish, and starts no more. */
  stopOutdated(isValid: (subject: Subject) => boolean): void {
    this.accepting = false;
    this.interrupted = true;
    this.dispatcher.cancelUnless(isValid);
  }

  private begin(): void {
    const stale = firstPass(this.nodes, this.subjects, this.outputs, this.store, ({ node, key }) => {
      this.counts.upToDate++;
      this.ledger.decide(node, key, 'up to date');
      this.options.listener({ type: 'upToDate', node: node.id });
    });
    if (stale.length === 0) return;
    this.schedule(() => {
      for (const work of stale) this.pend(work, false);
    });
  }

  /** Decides on nodes whose last missing input was this node, and on those that become ready thereby. A loop: chains are thousands of nodes long. */
  private goOn(finished: PlanNode, outputs: readonly ArtefactDigest[]): void {
    this.schedule(() => {
      const work = [...this.finish(finished, outputs, true)];
      for (let index = 0; index < work.length; index++) {
        const next = work[index] as PlanNode;
        const subject = this.subjects.subject(next, this.outputs) as Subject;
        const verdict = judge(subject, this.store);
        if (verdict.status === 'current') {
          this.recordCutOff(subject);
          work.push(...this.finish(next, verdict.trace.outputs, false));
        } else {
          const continuesChain = next.chain !== undefined && next.chain === finished.chain;
          this.pend({ subject, purpose: { kind: 'record' }, reason: verdict.reason }, continuesChain);
        }
      }
    });
  }

  private schedule(add: () => void): void {
    // A queue that runs starts the first node it is given, whatever comes after it: the most urgent is known when all are in.
    this.queue.pause();
    add();
    this.bytes.announce();
    this.queue.start();
    this.drop();
  }

  private get table(): NodeTable {
    this.madeTable ??= new NodeTable(this.nodes, this.outputs);
    return this.madeTable;
  }

  private pend(work: Work, continuesChain: boolean): void {
    this.table.pend(work.subject.node);
    this.outstanding.add(1);
    this.take(this.bytes.admit(work), continuesChain);
  }

  private finish(node: PlanNode, outputs: readonly ArtefactDigest[], executed: boolean): readonly PlanNode[] {
    this.bytes.finish(node, outputs);
    return this.table.finish(node, outputs, executed);
  }

  /** Queues what can be executed; the rest follows when the bytes that it lacks are there. */
  private take({ startable, restorations }: Admission, continuesChain = false): void {
    this.outstanding.add(restorations.length);
    for (const work of startable) this.enqueue(work, 1, continuesChain && work.purpose.kind === 'record');
  }

  private drop(): void {
    this.bytes.drop();
    this.bytes.settled()?.catch((error: unknown) => this.abort(error));
  }

  /** Found in the cache, with something above it executed: that gave the same bytes as before. */
  private recordCutOff({ node, key }: Subject): void {
    this.ledger.decide(node, key, 'cut off');
    this.counts.cutOff++;
    this.cutOffKeys.set(node.id, key);
    this.options.listener({ type: 'cutOff', node: node.id });
  }

  private enqueue(work: Work, attempt: number, continuesChain: boolean): void {
    const dropping = work.purpose.kind === 'restore' ? this.bytes.settled() : undefined;
    if (dropping) {
      dropping.then(
        () => this.enqueue(work, attempt, continuesChain),
        (error: unknown) => this.abort(error),
      );
      return;
    }
    const { node } = work.subject;
    const task = async (): Promise<void> => {
      if (!this.accepting) {
        this.giveUp(work);
        return;
      }
      const running = this.dispatcher.start(work, attempt);
      this.ledger.watch(work.subject, attempt, running);
      running.outcome
        .then((outcome) => this.conclude(work, attempt, outcome))
        .catch((error: unknown) => this.abort(error));
      await running.free;
    };
    this.queue.add(task, { priority: this.priorities.of(node, continuesChain), resources: node.stage.resources });
  }

  private conclude(work: Work, attempt: number, outcome: JobOutcome): void {
    const { node } = work.subject;
    if (outcome.kind === 'committed') {
      this.succeed(work, outcome);
    } else if (!this.accepting && outcome.kind === 'lost') {
      this.giveUp(work);
    } else if (outcome.kind === 'lost') {
      this.enqueue(work, attempt, true);
    } else if (isRetriable(outcome) && attempt <= node.stage.retries && this.accepting) {
      this.options.listener({ type: 'retrying', node: node.id, attempt: attempt + 1, diagnostic: outcome.diagnostic });
      this.enqueue(work, attempt + 1, true);
    } else {
      this.fail(work, outcome);
      this.outstanding.settle();
    }
  }

  private succeed({ subject: { node }, purpose }: Work, { outputs, seconds, bytes }: CommittedOutcome): void {
    this.measured.add(node, seconds);
    this.bytes.put(outputs);
    this.options.listener({ type: 'finished', node: node.id, seconds, bytes });
    this.store.refresh();
    if (purpose.kind === 'record') {
      this.counts.executed++;
      this.goOn(node, outputs);
    } else {
      this.counts.restored++;
      for (const next of this.bytes.restored(node)) this.enqueue(next, 1, true);
      this.drop();
    }
    this.outstanding.settle();
  }

  /** The work is not done, and neither is what waits for it. */
  private giveUp(work: Work): void {
    for (const _ of this.bytes.lost(work)) this.outstanding.settle();
    this.outstanding.settle();
  }

  private fail(work: Work, { cause, diagnostic, log }: FailedOutcome): void {
    const { node } = work.subject;
    this.counts.failed++;
    this.options.listener({ type: 'failed', node: node.id, diagnostic, log });
    const skip = (skipped: readonly PlanNode[]) => {
      for (const { id } of skipped) this.options.listener({ type: 'skipped', node: id, because: node.id });
    };
    if (work.purpose.kind === 'record') skip(this.table.fail(node));
    for (const { subject, purpose } of this.bytes.lost(work)) {
      if (purpose.kind === 'record') skip([subject.node, ...this.table.skip(subject.node)]);
      this.outstanding.settle();
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
    this.outstanding.abandon();
  }

  private summary(seconds: number): RunSummary {
    const ended = this.counts.failed > 0 || this.fatal !== undefined ? 'failed' : 'done';
    const outcome = this.interrupted ? 'interrupted' : ended;
    const skipped = this.madeTable?.unfinished() ?? 0;
    const timing = timingOfRun(this.nodes, this.ledger.journal(), seconds, this.options.jobs);
    return { type: 'summary', outcome, ...this.counts, skipped, seconds, ...(timing ? { timing } : {}) };
  }
}
