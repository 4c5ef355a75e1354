import type { ArtefactDigest, NodeKey } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import type { NodeId, OutputReference, PlanNode, StageResources } from '../plan/plan.ts';
import { firstPass } from '../staleness/first-pass.ts';
import { judge, type Subject } from '../staleness/staleness.ts';
import { type RunRequest, Subjects } from '../staleness/subjects.ts';
import type { Work } from '../staleness/work.ts';
import type { Store } from '../store/store.ts';
import type { WorkerPool } from '../workers/pool.ts';
import { type AuditRequest, pickAudited } from './audit.ts';
import { BytesOnDemand } from './bytes-on-demand.ts';
import type { RunListener, RunSummary } from './events.ts';
import { ExecutionQueue } from './execution-queue.ts';
import { type CommittedOutcome, type Decider, Executor, type FailedOutcome } from './executor.ts';
import { RunLedger } from './ledger.ts';
import { MeasuredDurations } from './measured-durations.ts';
import { NodeTable } from './node-table.ts';
import { timingOfRun } from './run-timing.ts';

export interface ScheduleOptions {
  readonly jobs: number;
  /** What all running nodes together may use. */
  readonly capacity: StageResources;
  /** Whether nodes that do not depend on a failed one still run. */
  readonly keepGoing: boolean;
  /** Outputs whose bytes have to be there in the end: what targets publish. */
  readonly wanted: readonly OutputReference[];
  readonly audit?: AuditRequest;
  readonly listener: RunListener;
}

/** Runs the stale nodes of a plan, each as soon as its inputs are known. One scheduler serves one run. */
export class Scheduler implements Decider {
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
  private readonly bytes: BytesOnDemand;
  private readonly queue: ExecutionQueue;
  private readonly executor: Executor;
  /** Indices of the nodes that were up to date from the first. */
  private readonly found: number[] = [];
  private readonly cutOffKeys = new Map<NodeId, NodeKey>();
  private readonly measured = new MeasuredDurations();
  private readonly counts = {
    executed: 0,
    restored: 0,
    audited: 0,
    upToDate: 0,
    cutOff: 0,
    failed: 0,
    misconfigured: 0,
  };
  private interrupted = false;
  private isOver = false;

  constructor(request: RunRequest, store: Store, pool: WorkerPool, options: ScheduleOptions) {
    const { listener } = options;
    this.store = store;
    this.pool = pool;
    this.options = options;
    this.ledger = new RunLedger(request);
    this.nodes = request.plan.nodes;
    this.outputs = new Array(this.nodes.length).fill(undefined);
    this.subjects = new Subjects(request);
    this.bytes = new BytesOnDemand(request, store, this.subjects, this.outputs, listener);
    this.queue = new ExecutionQueue(options.jobs, options.capacity);
    const { plan } = request;
    const { queue, bytes, ledger } = this;
    this.executor = new Executor({ store, plan, pool, queue, bytes, ledger, listener }, this);
  }

  /**
   * Runs to the end and returns the counts.
   * @throws {Failure} kind `store` when the cache can no longer be written: nothing sensible can follow.
   */
  async run(): Promise<RunSummary> {
    this.options.listener({ type: 'planned', nodes: this.nodes.length, jobs: this.options.jobs });
    for (const step of [() => this.begin(), () => this.wantBytes(), () => this.audit()]) {
      if (this.executor.isAccepting) step();
      await this.executor.drain();
    }
    if (this.executor.fatal === undefined) {
      await this.bytes.settled();
      if (this.cutOffKeys.size > 0) await this.store.rememberKeys(this.cutOffKeys);
      await this.measured.remember(this.store);
    }
    const summary = this.summary(this.ledger.elapsed());
    this.isOver = true;
    this.options.listener(summary);
    if (this.executor.fatal !== undefined) throw this.executor.fatal;
    return summary;
  }

  /** Lets running nodes finish and starts no more. */
  stopSoon(): void {
    // The summary is the last event of every run.
    if (this.isOver) return;
    this.executor.stop();
    this.interrupted = true;
    this.options.listener({ type: 'stopping', running: this.queue.running });
  }

  /** Ends the run without waiting for what is running, with something that no node is to blame for. */
  abort(error: unknown): void {
    this.executor.abort(error);
  }

  /** Ends the running nodes by force; what was finished stays. */
  async stopNow(): Promise<void> {
    this.executor.stop();
    this.interrupted = true;
    await this.pool.stop();
  }

  /** The pipeline was edited: ends the running nodes that are not valid any more, lets the others finish, and starts no more. */
  stopOutdated(isValid: (subject: Subject) => boolean): void {
    this.executor.stop();
    this.interrupted = true;
    this.executor.cancelUnless(isValid);
  }

  private begin(): void {
    const stale = firstPass(this.nodes, this.subjects, this.outputs, this.store, ({ node, key }) => {
      this.found.push(node.index);
      this.ledger.decide(node, key, 'up to date');
      this.options.listener({ type: 'upToDate', node: node.id });
    });
    this.counts.upToDate = this.found.length;
    if (stale.length === 0) return;
    this.executor.schedule(() => {
      for (const work of stale) this.pend(work, false);
    });
  }

  private wantBytes(): void {
    this.executor.schedule(() => {
      for (const source of this.options.wanted) this.executor.want(source);
    });
  }

  private audit(): void {
    const { audit } = this.options;
    if (!audit) return;
    const found = this.found.map((index) => this.nodes[index] as PlanNode);
    const nodes =
      'nodes' in audit
        ? found.filter(({ id }) => audit.nodes.has(id))
        : pickAudited(this.found, audit).map((index) => this.nodes[index] as PlanNode);
    const under = 'nodes' in audit ? 'another identity' : 'the same key';
    this.options.listener({ type: 'auditing', nodes: nodes.map(({ id }) => id), seed: audit.seed });
    this.executor.schedule(() => {
      for (const node of nodes) {
        const subject = this.subjects.subject(node, this.outputs) as Subject;
        const expected = this.outputs[node.index] as readonly ArtefactDigest[];
        this.executor.submit(
          { subject, purpose: { kind: 'audit', expected, under }, reason: { rule: 'audit' } },
          false,
        );
      }
    });
  }

  /** Decides on nodes whose last missing input was this node, and on those that become ready thereby. A loop: chains are thousands of nodes long. */
  private goOn(finished: PlanNode, outputs: readonly ArtefactDigest[]): void {
    this.executor.schedule(() => {
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

  private get table(): NodeTable {
    this.madeTable ??= new NodeTable(this.nodes, this.outputs);
    return this.madeTable;
  }

  private pend(work: Work, continuesChain: boolean): void {
    this.table.pend(work.subject.node);
    this.executor.submit(work, continuesChain);
  }

  private finish(node: PlanNode, outputs: readonly ArtefactDigest[], executed: boolean): readonly PlanNode[] {
    this.bytes.finish(node, outputs);
    return this.table.finish(node, outputs, executed);
  }

  /** Found in the cache, with something above it executed: that gave the same bytes as before. */
  private recordCutOff({ node, key }: Subject): void {
    this.ledger.decide(node, key, 'cut off');
    this.counts.cutOff++;
    this.cutOffKeys.set(node.id, key);
    this.options.listener({ type: 'cutOff', node: node.id });
  }

  succeeded({ subject: { node }, purpose }: Work, { outputs, seconds }: CommittedOutcome): void {
    this.measured.add(node, seconds);
    switch (purpose.kind) {
      case 'record':
        this.counts.executed++;
        this.goOn(node, outputs);
        break;
      case 'restore':
        this.counts.restored++;
        break;
      case 'audit':
        this.counts.audited++;
    }
  }

  failed({ subject: { node }, purpose }: Work, outcome: FailedOutcome, waiting: readonly Work[]): void {
    const { cause, diagnostic, error, log } = outcome;
    this.counts.failed++;
    if (cause === 'usage') this.counts.misconfigured++;
    this.options.listener({ type: 'failed', node: node.id, cause, diagnostic, ...(error ? { error } : {}), log });
    const skip = (skipped: readonly PlanNode[]) => {
      for (const { id } of skipped) this.options.listener({ type: 'skipped', node: id, because: node.id });
    };
    if (purpose.kind === 'record') skip(this.table.fail(node));
    for (const work of waiting) {
      if (work.purpose.kind === 'record') skip([work.subject.node, ...this.table.skip(work.subject.node)]);
    }
    if (cause === 'store') this.executor.fail(new Failure('store', diagnostic));
    else if (purpose.kind !== 'audit' && !this.options.keepGoing) this.executor.stop();
  }

  private summary(seconds: number): RunSummary {
    const ended = this.counts.failed > 0 || this.executor.fatal !== undefined ? 'failed' : 'done';
    const outcome = this.interrupted ? 'interrupted' : ended;
    const skipped = this.madeTable?.unfinished() ?? 0;
    const timing = timingOfRun(this.nodes, this.ledger.journal(), seconds, this.options.jobs);
    return { type: 'summary', outcome, ...this.counts, skipped, seconds, ...(timing ? { timing } : {}) };
  }
}
