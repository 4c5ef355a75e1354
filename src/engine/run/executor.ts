import type { ArtefactDigest } from '../base/digest.ts';
import type { OutputReference, Plan, PlanNode } from '../plan/plan.ts';
import type { Subject } from '../staleness/staleness.ts';
import type { Work } from '../staleness/work.ts';
import type { Store } from '../store/store.ts';
import { isRetriable, type JobOutcome } from '../workers/job-outcome.ts';
import type { WorkerPool } from '../workers/pool.ts';
import type { UnreadableInput } from '../workers/protocol.ts';
import type { BytesOnDemand } from './bytes-on-demand.ts';
import { Dispatcher } from './dispatcher.ts';
import type { RunListener } from './events.ts';
import type { ExecutionQueue } from './execution-queue.ts';
import type { RunLedger } from './ledger.ts';
import { Outstanding } from './outstanding.ts';
import { Priorities } from './priorities.ts';
import type { Admission } from './restorations.ts';

export type CommittedOutcome = Extract<JobOutcome, { kind: 'committed' }>;
export type FailedOutcome = Extract<JobOutcome, { kind: 'failed' }>;

/** Who decides what becomes of the nodes. */
export interface Decider {
  succeeded(work: Work, outcome: CommittedOutcome): void;
  /** @param waiting work that can no longer be done either, since this one would have brought back bytes for it. */
  failed(work: Work, outcome: FailedOutcome, waiting: readonly Work[]): void;
}

export interface Executing {
  readonly store: Store;
  readonly plan: Plan;
  readonly pool: WorkerPool;
  readonly queue: ExecutionQueue;
  readonly bytes: BytesOnDemand;
  readonly ledger: RunLedger;
  readonly listener: RunListener;
}

/** A node that loses its worker so many times after its stage has returned does so itself. */
const DEATHS = 2;

/** Executes work: brings its inputs' bytes about, queues it, tries again where that makes sense. */
export class Executor {
  private readonly with: Executing;
  private readonly decider: Decider;
  private readonly dispatcher: Dispatcher;
  private readonly priorities: Priorities;
  private readonly outstanding = new Outstanding();
  /** Inputs that could not be read, and were made again for that. */
  private readonly mended = new Set<ArtefactDigest>();
  /** How often a node has lost its worker on the way to the disk, by its own doing; 0 where another node may have been the reason. */
  private readonly deaths = new Map<PlanNode, number>();
  private accepting = true;
  private problem: unknown;

  constructor(executing: Executing, decider: Decider) {
    this.with = executing;
    this.decider = decider;
    this.dispatcher = new Dispatcher(executing.pool, executing.listener);
    this.priorities = new Priorities(executing.plan, executing.store);
  }

  /** Whether work that was not begun yet will be. */
  get isAccepting(): boolean {
    return this.accepting;
  }

  /** Something that no node is to blame for. */
  get fatal(): unknown {
    return this.problem;
  }

  /** What is running may finish; nothing else is begun. */
  stop(): void {
    this.accepting = false;
  }

  /** Ends by force what runs and is not valid. */
  cancelUnless(isValid: (subject: Subject) => boolean): void {
    this.dispatcher.cancelUnless(isValid);
  }

  /** The cache cannot be read or written, or there is a bug: ends the run without waiting for others. */
  abort(error: unknown): void {
    this.fail(error);
    this.outstanding.abandon();
  }

  /** As `abort`, but what is running may finish. */
  fail(error: unknown): void {
    this.accepting = false;
    this.problem ??= error;
  }

  /** Settles when nothing is queued, running, or on its way to the disk. */
  drain(): Promise<void> {
    return this.outstanding.drain();
  }

  /** Takes in all that `add` submits, and only then starts the most urgent of it. */
  schedule(add: () => void): void {
    const { queue, bytes } = this.with;
    // A queue that runs starts the first node it is given, whatever comes after it.
    queue.pause();
    add();
    bytes.announce();
    queue.start();
    this.drop();
  }

  /** @param continuesChain whether the chain's last step has just been executed. */
  submit(work: Work, continuesChain: boolean): void {
    this.outstanding.add(1);
    this.take(this.with.bytes.admit(work), continuesChain);
  }

  /** Makes a node again if the bytes of this output are not there. */
  want(source: OutputReference): void {
    this.take(this.with.bytes.want(source), false);
  }

  /** Queues what can be executed; the rest follows when the bytes that it lacks are there. */
  private take({ startable, restorations }: Admission, continuesChain: boolean): void {
    this.outstanding.add(restorations.length);
    for (const work of startable) this.enqueue(work, 1, continuesChain && work.purpose.kind === 'record');
  }

  private enqueue(work: Work, attempt: number, continuesChain: boolean): void {
    const dropping = work.purpose.kind === 'restore' ? this.with.bytes.settled() : undefined;
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
      const running = this.dispatcher.start(work, attempt, this.deaths.has(node));
      this.with.ledger.watch(work, attempt, running);
      running.outcome
        .then((outcome) => this.conclude(work, attempt, outcome))
        .catch((error: unknown) => this.abort(error));
      await running.free;
    };
    this.with.queue.add(task, { priority: this.priorities.of(node, continuesChain), resources: node.stage.resources });
  }

  private async conclude(work: Work, attempt: number, outcome: JobOutcome): Promise<void> {
    const { node } = work.subject;
    // A process may have been ended by what it read there: then it is the cache's fault, and no other worker will fare better.
    if (outcome.kind === 'lost' || (outcome.kind === 'failed' && outcome.cause === 'crash'))
      this.with.store.checkFile();
    if (outcome.kind === 'committed') {
      this.succeed(work, outcome);
    } else if (!this.accepting && outcome.kind !== 'failed') {
      this.giveUp(work);
    } else if (outcome.kind === 'unreadable') {
      await this.mend(work, attempt, outcome.input);
    } else if (outcome.kind === 'lost' || outcome.kind === 'died') {
      this.tryAgain(work, attempt, outcome);
    } else if (isRetriable(outcome) && attempt <= node.stage.retries && this.accepting) {
      const { diagnostic } = outcome;
      this.with.ledger.fail(work, attempt, outcome);
      this.with.listener({ type: 'retrying', node: node.id, attempt: attempt + 1, diagnostic });
      this.enqueue(work, attempt + 1, true);
    } else {
      this.giveUpFailed(work, attempt, outcome);
    }
  }

  /** After the loss of a worker: nobody is to blame the first time. */
  private tryAgain(work: Work, attempt: number, outcome: Extract<JobOutcome, { kind: 'lost' | 'died' }>): void {
    const { node } = work.subject;
    const deaths = (this.deaths.get(node) ?? 0) + (outcome.kind === 'died' ? 1 : 0);
    this.deaths.set(node, deaths);
    if (outcome.kind === 'lost' || deaths < DEATHS) {
      this.enqueue(work, attempt, true);
      return;
    }
    const fact = `the worker process of ${node.id} ${outcome.how} after the stage had returned, ${deaths} times`;
    const diagnostic = { fact, fix: 'its last words are in the log below' };
    this.giveUpFailed(work, attempt, { kind: 'failed', cause: 'crash', diagnostic, log: outcome.log });
  }

  private succeed(work: Work, outcome: CommittedOutcome): void {
    const { bytes, store, listener } = this.with;
    const { node } = work.subject;
    bytes.put(outcome.outputs);
    listener({ type: 'finished', node: node.id, seconds: outcome.seconds, bytes: outcome.bytes });
    store.refresh();
    this.decider.succeeded(work, outcome);
    for (const next of bytes.executed(work)) this.enqueue(next, 1, true);
    this.drop();
    this.outstanding.settle();
  }

  /** Makes an input again that could not be read; fails the work if that was done before. */
  private async mend(work: Work, attempt: number, { digest, state, diagnostic }: UnreadableInput): Promise<void> {
    const { store, listener, bytes } = this.with;
    if (this.mended.has(digest)) {
      this.giveUpFailed(work, attempt, { kind: 'failed', cause: 'store', diagnostic, log: '' });
      return;
    }
    this.mended.add(digest);
    listener({ type: 'unreadable', node: work.subject.node.id, state, diagnostic });
    if (state === 'damaged') await store.quarantine(digest);
    store.refresh();
    this.schedule(() => this.take(bytes.admit(work), false));
  }

  private giveUpFailed(work: Work, attempt: number, outcome: FailedOutcome): void {
    this.with.ledger.fail(work, attempt, outcome);
    this.giveUp(work, outcome);
  }

  /** The work will not be done, and neither will what waits for it. */
  private giveUp(work: Work, outcome?: FailedOutcome): void {
    const waiting = this.with.bytes.lost(work);
    if (outcome) this.decider.failed(work, outcome, waiting);
    for (const _ of waiting) this.outstanding.settle();
    this.outstanding.settle();
  }

  private drop(): void {
    const { bytes } = this.with;
    bytes.drop();
    bytes.settled()?.catch((error: unknown) => this.abort(error));
  }
}
