import { type Deferred, deferred } from '../base/deferred.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { diagnosticOf } from '../base/diagnostic-of.ts';
import type { ArtefactDigest, CodeFingerprint } from '../base/digest.ts';
import { printable } from '../base/printable.ts';
import { inputDigests } from '../keys/input-digests.ts';
import type { JobDemands, JobListener, RunningJob, StepAhead } from '../workers/executor.ts';
import type { AwaitedOutput, JobAhead } from '../workers/job-ahead.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import type { Job } from '../workers/protocol.ts';
import { BlobExchange, type BlobMessage, Disconnected, Lacking } from './blob-exchange.ts';
import { enclose } from './enclosed.ts';
import type { Frame } from './frames.ts';
import { greetingOf, otherVersion } from './greeting.ts';
import { keepMade } from './keep-made.ts';
import { largeInputs } from './large-artefacts.ts';
import { asMessage, type FromUnit, type ToUnit } from './messages.ts';
import { SILENCE_SECONDS, showSignsOfLife } from './signs-of-life.ts';
import { describeEnd, type SlotDeclaration, type Transport, type TransportEnd } from './transport.ts';
import type { UnitLosses } from './unit-losses.ts';
import type { UnitsOfRun } from './units-of-run.ts';

/** What ends so often in a row before it could work is given up. */
const MOST_ENDS = 3;

/** Before the next try, times the number of ends. */
const PAUSE_MS = 500;

interface Assignment {
  readonly job: Job;
  readonly demands: JobDemands;
  readonly listener: JobListener;
  readonly outcome: Deferred<JobOutcome>;
  /** Jobs that go to the unit right after it. */
  readonly ahead: readonly StepAhead[];
  state: 'waiting' | 'sent' | 'begun' | /** The unit has said how. What it made is being kept. */ 'ended';
  /** Seconds for which it was executed. */
  ran: number | undefined;
}

/** What the unit has said of a job that the run has not given yet. */
interface SentAhead {
  /** When it was begun, on this process's clock. */
  begun?: number;
  ended?: { readonly message: Ended; readonly body: Buffer };
}

type Ended = Extract<FromUnit, { type: 'ended' }>;

/** What belongs to one opening of the transport. */
interface Session {
  readonly transport: Transport;
  readonly exchange: BlobExchange;
  /** What the other side has: it made it, or got it. */
  readonly known: Set<ArtefactDigest>;
  readonly ahead: Map<number, SentAhead>;
  /** `closing`: it gets no more jobs, since there were none for long. `silent`: nothing has come from the other side for too long. */
  state: 'opened' | 'greeted' | 'closing' | 'silent';
  endSigns: () => void;
  /** How it ended, for the first node that it loses. */
  loss: Diagnostic | undefined;
}

/** One way to a unit, opened when it is needed and again when it has ended, and its jobs. */
export class Slot {
  readonly worker: number;
  /** Why it is given up. */
  problem: Diagnostic | undefined;
  private readonly declaration: SlotDeclaration;
  private readonly of: UnitsOfRun;
  private readonly assignments = new Map<number, Assignment>();
  private session: Session | undefined;
  private host: string | undefined;
  private readonly losses: UnitLosses;
  /** Ends in a row before it could work. */
  private ends = 0;
  private restart: NodeJS.Timeout | undefined;
  private isStopping = false;
  private idle: NodeJS.Timeout | undefined;

  /** @param losses of the whole executor */
  constructor(worker: number, declaration: SlotDeclaration, of: UnitsOfRun, losses: UnitLosses) {
    this.worker = worker;
    this.declaration = declaration;
    this.of = of;
    this.losses = losses;
  }

  /** How many jobs it has. */
  get load(): number {
    return this.assignments.size + (this.session?.ahead.size ?? 0);
  }

  /** Whether the unit has a job that the run has not given yet. */
  hasAhead(job: number): boolean {
    return this.session?.ahead.has(job) === true;
  }

  give(job: Job, demands: JobDemands, listener: JobListener, ahead: readonly StepAhead[]): RunningJob {
    const outcome = deferred<JobOutcome>();
    clearTimeout(this.idle);
    const state = this.hasAhead(job.id) ? 'sent' : 'waiting';
    const assignment: Assignment = { job, demands, listener, outcome, ahead, state, ran: undefined };
    this.assignments.set(job.id, assignment);
    if (this.session && state === 'sent') this.takeSent(assignment, this.session);
    this.start();
    this.sendJobs();
    const settled = outcome.promise;
    const free = settled.then(() => {});
    return { worker: this.worker, free, outcome: settled, host: () => this.host, ran: () => assignment.ran };
  }

  cancel(job: number): void {
    const assignment = this.assignments.get(job);
    const isAhead = this.session?.ahead.delete(job) === true;
    if (assignment?.state === 'waiting') this.settle(job, { kind: 'lost' });
    else if (assignment || isAhead) this.send({ type: 'cancel', job });
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.restart);
    clearTimeout(this.idle);
    await this.session?.transport.stop();
    for (const job of [...this.assignments.keys()]) this.settle(job, { kind: 'lost' });
  }

  /** Opens the transport, unless it is open. */
  start(): void {
    if (this.session || this.restart || this.isStopping || this.problem) return;
    let session: Session | undefined;
    const exchange = new BlobExchange(this.of.store, () => (session as Session).transport.connection);
    try {
      // What is still read of an earlier opening is no message of this one.
      const transport = this.declaration.open((frame) => (session ? this.receive(frame, session) : undefined));
      session = {
        transport,
        exchange,
        known: new Set(),
        ahead: new Map(),
        state: 'opened',
        endSigns: () => {},
        loss: undefined,
      };
    } catch (error) {
      this.hasEnded({ how: `could not be started (${(error as Error).message})`, words: '' }, undefined);
      return;
    }
    const opened = session;
    this.session = opened;
    const silence = setTimeout(() => this.tellSilence(opened), this.declaration.patienceMs).unref();
    this.send(greetingOf(this.of));
    void opened.transport.ended.then((end) => {
      clearTimeout(silence);
      opened.endSigns();
      exchange.end();
      this.session = undefined;
      if (!this.isStopping) this.hasEnded(end, opened);
    });
  }

  private tellSilence({ state, transport }: Session): void {
    const [first] = this.assignments.values();
    if (state !== 'opened' || !first) return;
    const { executor, description, patienceMs } = this.declaration;
    const said = transport.words.split('\n').at(-1);
    const fact = `executor ${executor}: ${description} has not answered for ${patienceMs / 1000} s`;
    first.listener.warning({
      fact: said ? `${fact}: ${printable(said)}` : fact,
      fix: 'the run goes on waiting: see whether it gets to the other side',
    });
  }

  private send(message: Exclude<ToUnit, BlobMessage>, body?: readonly Uint8Array[]): void {
    this.session?.transport.connection.send(message, body);
  }

  /** Sends what has not been sent. A job that must be alone waits for the others, and they for it. */
  private sendJobs(): void {
    if (this.session?.state !== 'greeted') return;
    const sent = [...this.assignments.values()].filter(({ state }) => state !== 'waiting');
    let count = sent.length + this.session.ahead.size;
    if (sent.some(({ demands }) => demands.isAlone)) return;
    for (const assignment of this.assignments.values()) {
      if (assignment.state !== 'waiting') continue;
      const { isAlone } = assignment.demands;
      if (isAlone && count > 0) return;
      this.sendJob(assignment, this.session);
      count++;
      if (isAlone) return;
    }
  }

  private sendJob(assignment: Assignment, session: Session): void {
    assignment.state = 'sent';
    this.sendWork(assignment.job, assignment.demands, session);
    this.sendAhead(assignment, session);
  }

  /** Sends what follows a job, unless one waits here that must be alone. */
  private sendAhead({ ahead }: Assignment, session: Session): void {
    const isAwaited = [...this.assignments.values()].some(
      ({ state, demands }) => state === 'waiting' && demands.isAlone,
    );
    if (isAwaited) return;
    for (const { id, describe } of ahead) {
      if (session.ahead.has(id)) continue;
      session.ahead.set(id, {});
      const { job, demands } = describe();
      this.sendWork(job, demands, session);
    }
  }

  /** The run gives what the unit has got ahead. It may have ended. */
  private takeSent(assignment: Assignment, session: Session): void {
    const { id } = assignment.job;
    const { begun, ended } = session.ahead.get(id) ?? {};
    session.ahead.delete(id);
    this.sendAhead(assignment, session);
    // Nothing is told of a job before the run knows who has it.
    if (begun !== undefined) queueMicrotask(() => this.begun(id, (performance.now() - begun) / 1000, session));
    if (ended) void this.take(ended.message, ended.body, session);
  }

  private sendWork(job: Job | JobAhead, demands: JobDemands, { known }: Session): void {
    const read = job.inputs.flatMap((input) => inputDigests<ArtefactDigest | AwaitedOutput>(input));
    const inputs = read.filter((digest) => typeof digest === 'string');
    const lacking = inputs.filter((digest) => !known.has(digest));
    const { enclosed, body } = enclose(lacking, this.of.store);
    for (const digest of inputs) known.add(digest);
    const large = this.of.shared ? largeInputs(lacking, this.of.store) : [];
    const told = this.declaration.isOnDisk ? [] : job.secrets;
    const secrets = Object.fromEntries(told.map((name) => [name, process.env[name] ?? null]));
    const { limitSeconds = null, ...others } = demands;
    this.send({ type: 'job', job, limitSeconds, ...others, secrets, enclosed, large }, body);
  }

  private receive({ message, body }: Frame, session: Session): Promise<void> | undefined {
    if (session !== this.session) return undefined;
    const known = asMessage<FromUnit>(message);
    switch (known.type) {
      case 'hello':
        this.meet(known, session);
        return undefined;
      case 'unable':
        this.giveUp(known.diagnostic);
        return undefined;
      case 'begun':
        this.begun(known.job, known.seconds, session);
        return undefined;
      case 'progress':
        this.assignments.get(known.job)?.listener.progress(known.fraction);
        return undefined;
      case 'metrics':
        this.assignments.get(known.job)?.listener.metrics(known.values);
        return undefined;
      case 'output':
        this.assignments.get(known.job)?.listener.output?.(known.text, known.omitted);
        return undefined;
      case 'warning':
        this.assignments.get(known.job)?.listener.warning(known.diagnostic);
        return undefined;
      case 'wantCode':
        this.sendCode(known.fingerprint);
        return undefined;
      case 'wantPackage':
        void this.sendPackage(known.fingerprint, known.content);
        return undefined;
      case 'ended':
        this.ended(known, body, session);
        return undefined;
      case 'identity':
        // Only `askUnit` asks for it.
        return undefined;
      default:
        return session.exchange.handle(known, body);
    }
  }

  private begun(job: number, seconds: number, { ahead }: Session): void {
    const sent = ahead.get(job);
    const assignment = this.assignments.get(job);
    if (sent) sent.begun = performance.now() - seconds * 1000;
    if (!assignment) return;
    if (assignment.state === 'sent') assignment.state = 'begun';
    assignment.listener.begun?.(seconds);
  }

  private ended(message: Ended, body: Buffer, session: Session): void {
    const sent = session.ahead.get(message.job);
    if (sent) sent.ended = { message, body };
    else void this.take(message, body, session);
  }

  private meet(greeting: Extract<FromUnit, { type: 'hello' }>, session: Session): void {
    this.host = greeting.host;
    const problem = otherVersion(greeting, this.of.version);
    if (problem) {
      this.giveUp(problem);
      return;
    }
    session.state = 'greeted';
    if (!this.declaration.isOnDisk) {
      session.endSigns = showSignsOfLife(session.transport.connection, () => {
        session.state = 'silent';
        void session.transport.stop();
      });
    }
    this.sendJobs();
  }

  private sendCode(fingerprint: CodeFingerprint): void {
    const code = this.of.store.bundles.code(fingerprint);
    // Without it, the job is refused.
    this.send({ type: 'code', fingerprint }, [Buffer.from(JSON.stringify(code ?? null))]);
  }

  private async sendPackage(fingerprint: CodeFingerprint, content: string): Promise<void> {
    // One that cannot be read, or has just been edited, is refused by name.
    const directory = await this.of.packages.take(fingerprint, content).catch(() => null);
    this.send({ type: 'package', fingerprint, content, directory });
  }

  private async take(
    { job: id, outcome, ran, made, enclosed, large }: Ended,
    body: Buffer,
    session: Session,
  ): Promise<void> {
    const { exchange, known } = session;
    const assignment = this.assignments.get(id);
    if (!assignment) return;
    this.ends = 0;
    assignment.state = 'ended';
    assignment.ran = ran ?? undefined;
    if (outcome.kind !== 'committed' || !made) {
      // What the other side could not read may be whole there the next time.
      if (outcome.kind === 'unreadable') known.delete(outcome.input.digest);
      this.settle(id, outcome);
      return;
    }
    try {
      const delivery = { made, enclosed, large, body };
      const kept = await keepMade(assignment.job, delivery, this.of, exchange, this.declaration.executor);
      for (const digest of kept.outputs) known.add(digest);
      this.settle(id, { ...outcome, ...kept });
    } catch (error) {
      const outcome = outcomeOf(error);
      if (outcome.kind === 'lost') tellLoss(session, assignment);
      this.settle(id, outcome);
    }
  }

  private settle(job: number, outcome: JobOutcome): void {
    const assignment = this.assignments.get(job);
    if (!assignment) return;
    this.assignments.delete(job);
    assignment.outcome.resolve(outcome);
    this.sendJobs();
    if (this.assignments.size === 0) this.closeSoon();
  }

  /** Nothing is to be done: the place goes to others. */
  private closeSoon(): void {
    const { idleMs } = this.declaration;
    clearTimeout(this.idle);
    if (idleMs === undefined) return;
    this.idle = setTimeout(() => this.close(), idleMs).unref();
  }

  private close(): void {
    const { session } = this;
    if (!session || this.load > 0) return;
    const isWaiting = session.state === 'opened';
    session.state = 'closing';
    // What nobody has answered yet may wait for long: it would hold up the next job.
    if (isWaiting) void session.transport.stop();
    else session.transport.connection.end();
  }

  /** The transport has ended, and its jobs with it. @param session undefined if it could not be opened */
  private hasEnded(end: TransportEnd, session: Session | undefined): void {
    // It was closed since it had no job. It may have got one before it had ended.
    if (session?.state === 'closing') {
      if (this.assignments.size > 0) this.start();
      return;
    }
    if (this.assignments.size === 0 && this.declaration.idleMs !== undefined) return;
    const lost = [...this.assignments.values()].filter(({ state }) => state === 'sent' || state === 'begun');
    const wasWorking = [...this.assignments.values()].some(({ state }) => state !== 'waiting');
    // A node may be the cause of the end of a unit that had one.
    this.ends = wasWorking ? 0 : this.ends + 1;
    const { executor, trial } = this.declaration;
    // Nobody has taken it away, and no node has ended it.
    const silence = `has said nothing for ${SILENCE_SECONDS} s: it or the network is gone`;
    const known: TransportEnd = session?.state === 'silent' ? { ...end, how: silence, cause: 'taken' } : end;
    const fact = `executor ${executor}: ${describeEnd(this.declaration, known)}`;
    if (this.problem === undefined && this.ends >= MOST_ENDS) {
      const fix = `try it by hand: ${trial}`;
      this.giveUp({ fact: `${fact} (${MOST_ENDS} times in a row, before it could work)`, fix });
      return;
    }
    if (session) {
      session.loss = { fact, fix: 'the nodes that it had are executed again' };
      if (lost[0]) tellLoss(session, lost[0]);
    }
    const executed = lost.find(({ state }) => state === 'begun') ?? lost[0];
    for (const assignment of lost) {
      this.settle(assignment.job.id, this.losses.outcomeOf(assignment, known, assignment === executed));
    }
    if ([...this.assignments.values()].every(({ state }) => state === 'ended')) return;
    this.restart = setTimeout(() => {
      this.restart = undefined;
      this.start();
    }, PAUSE_MS * Math.max(1, this.ends));
  }

  private giveUp(problem: Diagnostic): void {
    this.problem ??= problem;
    this.session?.transport.connection.end();
    for (const [job, { state }] of [...this.assignments]) {
      if (state !== 'ended') this.settle(job, { kind: 'refused', diagnostic: problem });
    }
  }
}

/** Once for each end of a unit. */
function tellLoss(session: Session, { listener }: Assignment): void {
  if (session.loss) listener.warning(session.loss);
  session.loss = undefined;
}

function outcomeOf(error: unknown): JobOutcome {
  if (error instanceof Disconnected) return { kind: 'lost' };
  const diagnostic =
    error instanceof Lacking
      ? { fact: `its outputs cannot be fetched: ${error.diagnostic.fact}` }
      : diagnosticOf(error);
  return { kind: 'failed', cause: error instanceof Lacking ? 'crash' : 'store', diagnostic, log: '' };
}
