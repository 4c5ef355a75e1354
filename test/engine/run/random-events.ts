import type { ArtefactDigest } from '../../../src/engine/base/digest.ts';
import type { RunEvent } from '../../../src/engine/run/events.ts';
import type { Command, StepEvent } from '../../../src/engine/run/messages.ts';
import { RunState, type RunWishes } from '../../../src/engine/run/run-state.ts';
import { step } from '../../../src/engine/run/step.ts';
import { jobAheadOf, type Task } from '../../../src/engine/run/task.ts';
import type { FetchedNode } from '../../../src/engine/shared/shared-results.ts';
import type { RunRequest } from '../../../src/engine/staleness/subjects.ts';
import { completeJob, type JobAhead } from '../../../src/engine/workers/job-ahead.ts';
import type { JobOutcome } from '../../../src/engine/workers/job-outcome.ts';
import { commitTo } from './fake-pool.ts';
import type { MemoryStore } from './memory-store.ts';

/** What befalls a task that is executed. */
export type Fate =
  | 'committed'
  | 'failed'
  | 'crash'
  | 'lost'
  | 'died'
  | 'refused'
  | 'refused by one unit'
  | 'missing'
  | 'damaged';

export interface Chance {
  /** Which of so many things that may happen next does. */
  pick(count: number): number;
  fate(task: Task): Fate;
  /** What the shared cache has for a task. */
  shared?(task: Task): 'nothing' | 'a result' | 'a result and its bytes';
  /** Whether the run is stopped before the next event. */
  stops(): boolean;
}

/** Drives `step` without the loop around it: answers come in any order, and tasks end in any way. */
export class RandomEvents {
  readonly state: RunState;
  readonly told: RunEvent[] = [];
  /** Tasks that were executed and committed. */
  readonly committed: Task[] = [];
  /** Tasks for which the shared cache had something. */
  readonly fetched: Task[] = [];
  /** All events, in order. */
  readonly history: StepEvent[] = [];
  readonly commands: Command[] = [];
  /** Jobs that an executor has got before their tasks were there, and how many of them became tasks. */
  readonly ahead = new Map<number, JobAhead>();
  taken = 0;
  /** By job. */
  private readonly made = new Map<number, ArtefactDigest>();
  hasEnded = false;
  /** Whether bytes have gone that nothing has evicted. */
  private hasLost = false;
  /** Answers that may come, each as of the moment when it does. */
  private readonly pending: (() => Promise<StepEvent>)[] = [];
  private readonly store: MemoryStore;
  private readonly chance: Chance;
  private readonly contentOf: (task: Task) => string;

  constructor(
    request: RunRequest,
    wishes: RunWishes,
    store: MemoryStore,
    chance: Chance,
    contentOf: (task: Task) => string,
  ) {
    this.state = new RunState(request, wishes, store, 0);
    this.store = store;
    this.chance = chance;
    this.contentOf = contentOf;
  }

  /** Until nothing can happen any more. */
  async run(): Promise<void> {
    this.take({ type: 'begun' });
    while (this.pending.length > 0) {
      if (this.chance.stops()) this.take({ type: 'stopped' });
      const [answer] = this.pending.splice(this.chance.pick(this.pending.length), 1);
      if (answer) this.take(await answer());
    }
  }

  private take(event: StepEvent): void {
    this.history.push(event);
    for (const command of step(this.state, event)) {
      if (this.hasEnded) throw new Error(`${command.type} after the end`);
      this.commands.push(command);
      this.carryOut(command);
    }
  }

  private carryOut(command: Command): void {
    const { store } = this;
    const later = (answer: () => StepEvent | Promise<StepEvent>) => this.pending.push(async () => answer());
    switch (command.type) {
      case 'lookUp':
        if (this.isAhead(command.task)) throw new Error(`${command.task.subject.node.id} is being executed already`);
        later(async () => ({ type: 'lookedUp', task: command.task, found: await this.found(command.task) }));
        break;
      case 'queue':
        if (this.state.isSentAhead(command.task.subject.node) !== this.isAhead(command.task))
          throw new Error(`the run is wrong about who has ${command.task.subject.node.id} already`);
        later(() => ({ type: 'admitted', task: command.task }));
        break;
      case 'execute': {
        const { task, job } = command;
        this.sendAhead(command);
        later(async () => {
          await this.checkKey(task, job);
          const outcome = await this.outcomeOf(task);
          if (outcome.kind === 'committed') this.made.set(job, outcome.outputs[0] as ArtefactDigest);
          return { type: 'ended', task, outcome, times: { worker: 1, start: 0, end: 1 } };
        });
        break;
      }
      case 'recall':
        for (const job of command.jobs) this.ahead.delete(job);
        break;
      case 'quarantine':
        later(async () => {
          await store.quarantine(command.digest);
          return { type: 'quarantined', task: command.task };
        });
        break;
      case 'evict':
        later(async () => {
          await store.dropArtefacts(command.digests);
          return { type: 'evicted' };
        });
        break;
      case 'end':
        this.hasEnded = true;
        break;
      default:
        this.told.push(command);
    }
  }

  private isAhead({ subject: { node } }: Task): boolean {
    return [...this.ahead.values()].some((job) => job.node === node.id);
  }

  /** As the loop does. */
  private sendAhead({ ahead }: Extract<Command, { type: 'execute' }>): void {
    const { known, sentAhead } = this.state;
    for (const each of ahead) {
      if (!this.ahead.has(each.job)) this.ahead.set(each.job, jobAheadOf(known, each, sentAhead).job);
    }
  }

  /** What an executor computes of what it has made is what the run computes. */
  private async checkKey({ subject: { node, key } }: Task, id: number): Promise<void> {
    const ahead = this.ahead.get(id);
    if (ahead === undefined) return;
    this.ahead.delete(id);
    this.taken++;
    const job = await completeJob(ahead, async ({ job: before }) => this.made.get(before));
    if (job?.key !== key) throw new Error(`${node.id} was sent ahead, and got another key there`);
  }

  private async outcomeOf(task: Task): Promise<JobOutcome> {
    const { node, inputs } = task.subject;
    const read = inputs.flatMap((input) =>
      input.kind === 'one' ? [input.digest] : input.items.map(({ digest }) => digest),
    );
    const fate = this.chance.fate(task);
    const diagnostic = { fact: `${node.id}: ${fate}` };
    const missing = read.find((digest) => !this.store.hasArtefact(digest));
    if (missing && !this.hasLost) throw new Error(`${node.id} lacks its input`);
    if (missing) return { kind: 'unreadable', input: { digest: missing, state: 'missing', diagnostic } };
    const [input] = read;
    switch (fate) {
      case 'failed':
      case 'crash':
        return { kind: 'failed', cause: fate === 'crash' ? 'crash' : 'stage', diagnostic, log: '' };
      case 'lost':
        return { kind: 'lost' };
      case 'refused':
        // No worker of the run's own machine refuses anything.
        if (task.isRefused) break;
        return { kind: 'refused', diagnostic };
      case 'refused by one unit':
        return { kind: 'refused', diagnostic, isOfOneUnit: true };
      case 'died':
        return { kind: 'died', how: 'died', log: '' };
      case 'missing':
      case 'damaged':
        if (!input || task.unread.includes(input)) break;
        this.hasLost = true;
        if (fate === 'missing') await this.store.dropArtefacts([input]);
        return { kind: 'unreadable', input: { digest: input, state: fate, diagnostic } };
    }
    return this.commit(task);
  }

  /** Another machine has executed the same node. */
  private async found(task: Task): Promise<FetchedNode | undefined> {
    const found = this.chance.shared?.(task) ?? 'nothing';
    const isWanted = task.purpose.kind === 'restore' ? found === 'a result and its bytes' : found !== 'nothing';
    if (!isWanted) return undefined;
    const { node, key } = task.subject;
    const had = new Set(this.store.digests());
    const earlier = this.store.record(key);
    const { outputs, bytes } = await this.write(task);
    // Bytes that the same node gave differently here are not what is looked for.
    if (task.purpose.kind === 'restore' && earlier && outputs[0] !== earlier.outputs.out?.digest) {
      throw new Error(`${node.id} has other bytes in the shared cache`);
    }
    if (found === 'a result') await this.store.dropArtefacts(outputs.filter((digest) => !had.has(digest)));
    this.fetched.push(task);
    return { outputs, seconds: 1, bytes };
  }

  private async commit(task: Task): Promise<JobOutcome> {
    const written = await this.write(task);
    this.committed.push(task);
    return { kind: 'committed', seconds: 1, ...written };
  }

  private async write(task: Task): Promise<{ readonly outputs: readonly ArtefactDigest[]; readonly bytes: number }> {
    const { node, key, code, compute = null, inputs } = task.subject;
    const { params, coordinates, stage } = node;
    const content = this.contentOf(task);
    const job = { node: node.id, key, code, params, coordinates, compute, inputs, outputs: stage.outputs };
    return { outputs: await commitTo(this.store, job, content), bytes: content.length };
  }
}
