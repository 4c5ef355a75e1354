import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Deferred, deferred } from '../../base/deferred.ts';
import { namesIn } from '../../base/names-in.ts';
import { shellWord } from '../../base/shell-word.ts';
import { Connection } from '../connection.ts';
import type { Frame } from '../frames.ts';
import { MailboxReader, MailboxWriter, mailboxOf } from '../mailbox.ts';
import type { Transport, TransportEnd } from '../transport.ts';
import { causeOfEnd, describeEnd, isHeldAfterFailure, isLive, isWaiting, type QueuedJob } from './job-states.ts';
import { cancelJobs, type JobRequest, largestArray, queuedJobs, submitJobs } from './slurm-commands.ts';

/** Slots that are opened at about the same time share an array. */
const GATHERING_MS = 100;

/** Milliseconds between two looks into the spool folder. */
const LOOK_MS = 200;

/** Milliseconds before `sbatch` is tried again: busy controllers are left alone for longer each time. */
const SHORTEST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 120_000;

/** How long a unit has to end in order. */
const ORDERLY_END_MS = 3000;

const LONGEST_LOG = 2000;

export interface SlurmPlace {
  /** A folder of these jobs alone, which all nodes see. */
  readonly folder: string;
  /** A shell command that serves the mailbox in `$MAILBOX`. */
  readonly command: string;
  readonly pollSeconds: number;
  readonly warn: (fact: string, fix: string) => void;
}

/** A slot that waits for a job, or has one. */
interface Seat {
  readonly box: Deferred<string>;
  readonly input: MailboxReader;
  readonly connection: Connection;
  readonly ended: Deferred<TransportEnd>;
  /** Of the job; undefined while it waits. */
  session: Session | undefined;
}

/** What was known of the jobs when the scheduler was asked about them. */
interface Asked {
  readonly arrays: readonly string[];
  /** Those that were submitted and had not ended. */
  readonly jobs: ReadonlySet<string>;
  /** Those that had begun. */
  readonly met: ReadonlySet<Session>;
}

/** One start of a job: `12_3`, for the second time. */
interface Session {
  readonly name: string;
  readonly job: string;
}

/**
 * Jobs of a cluster that serve as slots. A job that has started makes a mailbox in the spool folder, and gets the slot that has waited longest. The
 * scheduler is asked once a minute how its jobs are; what they do themselves is seen in the folder.
 */
export class SlurmJobs {
  private readonly request: Omit<JobRequest, 'tasks' | 'script' | 'logFile' | 'folder'>;
  private readonly place: SlurmPlace;
  /** Those whose end is not known yet. */
  private readonly seats = new Set<Seat>();
  /** Those that the scheduler may still know. */
  private arrays: readonly string[] = [];
  /** Jobs that were submitted, and have not made a mailbox. */
  private readonly awaited = new Set<string>();
  private readonly seen = new Set<string>();
  private queue: readonly QueuedJob[] = [];
  private gathering: NodeJS.Timeout | undefined;
  private submitting = Promise.resolve();
  private isWatching = false;
  private readonly stopping = new AbortController();
  private limit: number | undefined;

  constructor(request: SlurmJobs['request'], place: SlurmPlace) {
    this.request = request;
    this.place = place;
    for (const name of ['sessions', 'ended', 'logs']) {
      // Messages have params and data, which are nobody else's business.
      mkdirSync(join(place.folder, name), { recursive: true, mode: 0o700 });
    }
  }

  /** A way to the next job that starts. */
  open(onFrame: (frame: Frame) => Promise<void> | undefined): Transport {
    const box = deferred<string>();
    const mailbox = box.promise.then(mailboxOf);
    const input = new MailboxReader(mailbox.then(({ fromUnit }) => fromUnit));
    const output = new MailboxWriter(mailbox.then(({ toUnit }) => toUnit));
    const connection = new Connection(input, output, onFrame);
    const seat: Seat = { box, input, connection, ended: deferred(), session: undefined };
    this.seats.add(seat);
    void connection.ended.then((error) => {
      this.leave(seat, { how: error ? `sent something else (${error.message})` : 'has ended', words: '' });
    });
    output.once('error', ({ message }) => {
      // It hears nothing any more.
      if (this.seats.has(seat) && seat.session) void cancelJobs([seat.session.job]);
      this.leave(seat, { how: `cannot be reached through the spool folder (${message})`, words: '' });
    });
    void seat.ended.promise.then(() => {
      input.destroy();
      output.destroy();
    });
    this.gathering ??= setTimeout(() => {
      this.submitting = this.submit().finally(() => {
        this.gathering = undefined;
      });
    }, GATHERING_MS);
    void this.watch();
    const wordsOfQueue = () => this.words();
    return {
      connection,
      ended: seat.ended.promise,
      get words() {
        return wordsOfQueue();
      },
      stop: () => this.release(seat),
    };
  }

  /** What the scheduler says of the jobs that a slot waits for. */
  private words(): string {
    const waiting = this.queue.filter(({ state, id }) => state === 'PENDING' && this.awaited.has(id));
    const [first] = waiting;
    const count = waiting.length === 1 ? '1 job waits' : `${waiting.length} jobs wait`;
    return first ? `${count}, ${first.id} for ${first.reason}` : '';
  }

  /** Cancels what is left of the jobs. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.gathering);
    for (const seat of this.seats) this.drop(seat);
    // What sbatch is taking now would be left behind.
    await this.submitting;
    await cancelJobs(this.arrays);
    removeSpooled(this.place.folder);
  }

  /** Submits as many jobs as there are slots without one. */
  private async submit(): Promise<void> {
    const { folder, command, warn } = this.place;
    const { signal } = this.stopping;
    this.limit ??= await largestArray();
    let pauseMs = SHORTEST_PAUSE_MS;
    for (let missing = this.missing(); missing > 0 && !signal.aborted; missing = this.missing()) {
      const tasks = Math.min(missing, this.limit);
      const submission = await submitJobs({
        ...this.request,
        tasks,
        folder,
        logFile: logFileIn(folder),
        script: scriptOf(folder, command),
      });
      if (submission.kind === 'submitted') {
        this.begun(submission.array, tasks);
        pauseMs = SHORTEST_PAUSE_MS;
        continue;
      }
      if (submission.kind === 'refused') {
        this.refuse(submission.words);
        break;
      }
      if (submission.kind === 'limit' && tasks > 1) {
        this.limit = Math.ceil(tasks / 2);
        continue;
      }
      // Jobs that run do the work meanwhile.
      warn(
        `sbatch: ${submission.words}; trying again in ${pauseMs / 1000} s`,
        'jobs that run do the work meanwhile; "scontrol ping" says whether the controller answers',
      );
      await wait(pauseMs, undefined, { ref: false, signal }).catch(() => {});
      pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
    }
  }

  private missing(): number {
    return [...this.seats].filter(({ session }) => session === undefined).length - this.awaited.size;
  }

  private begun(array: string, tasks: number): void {
    this.arrays = [...this.arrays, array];
    const { folder, warn } = this.place;
    try {
      // For "vmfdag jobs", also of another process, and after this one was killed.
      writeFileSync(join(folder, 'arrays'), `${this.arrays.join('\n')}\n`);
    } catch (error) {
      warn(
        `the spool folder ${folder} cannot be written (${(error as Error).message})`,
        `"vmfdag jobs" does not show job ${array}; "scancel ${array}" ends it if this run is killed`,
      );
    }
    for (let task = 1; task <= tasks; task++) this.awaited.add(`${array}_${task}`);
  }

  private refuse(words: string): void {
    for (const seat of this.seats) if (!seat.session) this.leave(seat, { how: 'was refused by sbatch', words });
  }

  /** Looks into the folder, and now and then asks the scheduler, as long as there are slots. */
  private async watch(): Promise<void> {
    if (this.isWatching) return;
    this.isWatching = true;
    let askedMs = performance.now();
    while (this.seats.size > 0) {
      await wait(LOOK_MS);
      if (this.stopping.signal.aborted) break;
      this.look();
      if (performance.now() - askedMs < this.place.pollSeconds * 1000 || this.arrays.length === 0) continue;
      askedMs = performance.now();
      const met = new Set([...this.seats].flatMap(({ session }) => session ?? []));
      const asked = { arrays: this.arrays, met, jobs: new Set([...this.awaited, ...[...met].map(({ job }) => job)]) };
      const jobs = await queuedJobs(asked.arrays);
      // A controller that cannot be asked says nothing of the jobs.
      if (jobs) this.update(jobs, asked);
    }
    this.isWatching = false;
  }

  /** Finds jobs that have started, and those that have ended on their own. */
  private look(): void {
    const { folder } = this.place;
    for (const name of wholeFilesIn(join(folder, 'sessions'))) {
      if (this.seen.has(name)) continue;
      this.seen.add(name);
      this.meet({ name, job: name.split('.')[0] as string });
    }
    for (const name of wholeFilesIn(join(folder, 'ended'))) {
      const file = join(folder, 'ended', name);
      const code = textOf(file);
      // It is there at the next look.
      if (code === undefined) continue;
      rmSync(file, { force: true });
      const job = name.split('.')[0] as string;
      this.lose(job, name, { how: `ended with exit code ${code.trim()}`, words: this.logOf(job) });
    }
  }

  private meet(session: Session): void {
    this.awaited.delete(session.job);
    // The scheduler has started the job again: what it did before is lost.
    for (const seat of this.seats) {
      if (seat.session?.job === session.job)
        this.leave(seat, { how: `was requeued (job ${session.job})`, words: '', cause: 'taken' });
    }
    const seat = [...this.seats].find((each) => each.session === undefined);
    const folder = join(this.place.folder, 'sessions', session.name);
    if (seat) {
      seat.session = session;
      seat.box.resolve(folder);
      return;
    }
    const output = new MailboxWriter(Promise.resolve(mailboxOf(folder).toUnit));
    // The job may have ended already, and its mailbox be gone.
    output.on('error', () => {});
    output.end();
  }

  private update(jobs: readonly QueuedJob[], asked: Asked): void {
    this.queue = jobs;
    const held = jobs.filter(isHeldAfterFailure);
    // Another one takes its place.
    if (held.length > 0) void cancelJobs(held.map(({ id }) => id));
    const live = new Set(jobs.filter((job) => isLive(job) && !held.includes(job)).map(({ id }) => id));
    const ended = new Map(jobs.filter(({ id }) => !live.has(id)).map((job) => [job.id, job]));
    this.loseRequeued(new Set(jobs.filter(isWaiting).map(({ id }) => id)), asked.met);
    // The answer says nothing of what was submitted meanwhile.
    for (const job of asked.jobs) {
      if (live.has(job)) continue;
      const known = ended.get(job);
      const how = known ? describeEnd(known) : `job ${job} is not known to the scheduler any more`;
      const cause = known && causeOfEnd(known);
      this.lose(job, undefined, { how, words: this.logOf(job), ...(cause ? { cause } : {}) });
    }
    // A long run has many arrays, which end: each question would name all of them.
    const known = new Set(jobs.map(({ id }) => id.split('_')[0]));
    this.arrays = this.arrays.filter((array) => known.has(array) || !asked.arrays.includes(array));
  }

  /** What a job did before it was requeued is lost now, whenever it starts again. */
  private loseRequeued(waiting: ReadonlySet<string>, met: ReadonlySet<Session>): void {
    for (const seat of this.seats) {
      const { session } = seat;
      if (!session || !met.has(session) || !waiting.has(session.job)) continue;
      this.awaited.add(session.job);
      this.leave(seat, { how: `was requeued (job ${session.job})`, words: '', cause: 'taken' });
    }
  }

  /** A job has ended. @param name of its session; without one, whatever it was */
  private lose(job: string, name: string | undefined, end: TransportEnd): void {
    const seat = [...this.seats].find(
      ({ session }) => session?.job === job && (name === undefined || session.name === name),
    );
    if (seat) {
      this.leave(seat, end);
      return;
    }
    if (name !== undefined) this.removeMailbox(name);
    if (this.awaited.delete(job)) {
      // It never got to its mailbox: the slot that has waited longest hears why.
      const waiting = [...this.seats].find(({ session }) => session === undefined);
      if (waiting) this.leave(waiting, end);
    }
  }

  private logOf(job: string): string {
    return (textOf(join(this.place.folder, 'logs', `${job}.log`)) ?? '').slice(-LONGEST_LOG).trim();
  }

  /** The job of a seat has ended. Its slot hears that when everything is read that the job has written before. */
  private leave(seat: Seat, end: TransportEnd): void {
    if (!this.seats.delete(seat)) return;
    if (!seat.session) {
      seat.ended.resolve(end);
      return;
    }
    const { name } = seat.session;
    seat.input.finish();
    void seat.connection.ended.then(() => {
      seat.ended.resolve(end);
      this.removeMailbox(name);
    });
  }

  /** Of a job that has ended. Each look lists those that are there. A job that runs all the same cannot write any more, and ends. */
  private removeMailbox(name: string): void {
    // The name stays in `seen`: a network file system may list the folder a little longer.
    void rm(join(this.place.folder, 'sessions', name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }

  /** Nobody needs the seat any more, nor what its job has written. */
  private drop(seat: Seat): void {
    this.seats.delete(seat);
    seat.ended.resolve({ how: 'was stopped', words: '' });
  }

  private async release(seat: Seat): Promise<void> {
    seat.connection.end();
    if (seat.session) await Promise.race([seat.ended.promise, wait(ORDERLY_END_MS, undefined, { ref: false })]);
    if (this.seats.has(seat) && seat.session) await cancelJobs([seat.session.job]);
    this.drop(seat);
  }
}

/** Where sbatch lets a job write: it replaces what follows a percent sign. */
export function logFileIn(folder: string): string {
  return join(folder.replaceAll('%', '%%'), 'logs/%A_%a.log');
}

/**
 * A job of the array. What it leaves tells how it ended, if it ends on its own. A controller that was killed may start it again under the same number of
 * restarts: the mailbox of each start has a name of its own all the same.
 */
function scriptOf(folder: string, command: string): string {
  return `#!/bin/sh
job="\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}.\${SLURM_RESTART_COUNT:-0}.\${SLURMD_NODENAME:-node}-$$"
MAILBOX=${shellWord(folder)}/sessions/"$job"
export MAILBOX
${command}
code=$?
echo $code > ${shellWord(folder)}/ended/"$job".part && mv ${shellWord(folder)}/ended/"$job".part ${shellWord(folder)}/ended/"$job"
exit $code
`;
}

/** Without those that are being written. */
function wholeFilesIn(folder: string): readonly string[] {
  return namesIn(folder).filter((name) => !name.endsWith('.part'));
}

/** Undefined where it cannot be read, or not yet: another machine has written it. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Removes a folder of the spool folder. Jobs that end late may still write to it: it is in nobody's way then. */
export function removeSpooled(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // What a run has made does not depend on it.
  }
}
