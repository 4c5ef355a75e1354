import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Deferred, deferred } from '../base/deferred.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ArtefactDigest } from '../base/digest.ts';
import { inputDigests } from '../keys/input-digests.ts';
import type { SharedArtefact } from '../shared/node-bytes.ts';
import { openSharedCache } from '../shared/open-shared-cache.ts';
import { SharedResults } from '../shared/shared-results.ts';
import { outputDigests } from '../store/output-order.ts';
import type { Store } from '../store/store.ts';
import type { RunningJob } from '../workers/executor.ts';
import { type AwaitedOutput, completeJob, isAhead } from '../workers/job-ahead.ts';
import type { JobOutcome } from '../workers/job-outcome.ts';
import { WorkerPool } from '../workers/pool.ts';
import type { Job } from '../workers/protocol.ts';
import { BlobExchange, type BlobMessage, Disconnected, Lacking } from './blob-exchange.ts';
import { CodeSupply } from './code-supply.ts';
import type { Connection } from './connection.ts';
import { disclose, enclose } from './enclosed.ts';
import type { Frame } from './frames.ts';
import { largeOutputs } from './large-artefacts.ts';
import { MachineChecks, onThisHost, problemHere } from './machine-checks.ts';
import {
  asMessage,
  type FromUnit,
  type MadeNode,
  platformName,
  type SharedPlace,
  type ToUnit,
  UNIT_PROTOCOL,
} from './messages.ts';

/** Nobody watches the begin of shorter nodes. */
const TOLD_MS = 300;

/** The connection brings large outputs as soon as a shared cache that takes longer than this. */
const LEAST_PATIENCE_MS = 1000;
const SLOW_BYTES_PER_SECOND = 20e6;

/** How long the end of a unit waits for what it publishes. */
const PUBLISHING_MS = 10_000;

/** Where a unit works. */
export interface UnitPlace {
  /** Folder whose packages stages use; by default the run's, if it is there, or the current one. */
  readonly root: string | undefined;
  readonly cacheDirectory: string;
  readonly workerFile: string;
  /** Of vmfdag. */
  readonly version: string;
}

type JobMessage = Extract<ToUnit, { type: 'job' }>;
type RunGreeting = Extract<ToUnit, { type: 'hello' }>;

interface Work {
  readonly message: JobMessage;
  /** Settles with its outputs by name; undefined if there never will be any. */
  readonly made: Deferred<MadeOutputs | undefined>;
  /** Seconds from its begin to its end. */
  ran: number | undefined;
  isCancelled: boolean;
}

/** Its code and its inputs are here, or never will be. */
type Prepared =
  | { readonly kind: 'ready'; readonly job: Job }
  /** Nothing is executed. */
  | { readonly kind: 'ended'; readonly outcome: JobOutcome };

type MadeOutputs = MadeNode['record']['outputs'];

/** So many of the last jobs may be followed by others: more are never sent ahead. */
const REMEMBERED = 8192;

/** What serves one run. */
interface Workplace {
  readonly pool: WorkerPool;
  readonly checks: MachineChecks;
  readonly root: string;
}

/** Executes the jobs of a run on this machine, one at a time, with the workers of a local run. Meanwhile, it gets what the next ones need. */
export class UnitService {
  private readonly store: Store;
  private readonly place: UnitPlace;
  private readonly exchange: BlobExchange;
  private readonly connection: () => Connection;
  private workplace: Workplace | undefined;
  /** Where results are left for others, and for the next run if this one is killed. */
  private results: SharedResults | undefined;
  /** What can be begun, or has ended before, in the order in which it became so: a step does not wait while the one before it is committed. */
  private readonly queue: { readonly work: Work; readonly prepared: Prepared }[] = [];
  private readonly works = new Map<number, Work>();
  /** What the last jobs have made, the oldest first: steps that were sent ahead read it. */
  private readonly made = new Map<number, Work['made']>();
  private readonly code: CodeSupply;
  /** Those who wait for the end of a job. */
  private readonly waiting: (() => void)[] = [];
  private isWorking = false;
  private readonly ending = new AbortController();
  /** Names the files and the processes of this unit. */
  private readonly name = randomUUID();
  /** What workers get of the environment, with the secrets of the run's stages. */
  private readonly environment: NodeJS.ProcessEnv = { ...process.env };

  constructor(store: Store, place: UnitPlace, connection: () => Connection) {
    this.store = store;
    this.place = place;
    this.connection = connection;
    this.exchange = new BlobExchange(store, connection);
    this.code = new CodeSupply(store, this.exchange, (question) => this.send(question));
    store.writeAmongOthers(this.name);
  }

  /** Whether nothing happens here before the run says something: there is no job, or what the next one needs is still to come. */
  get waitsForRun(): boolean {
    return this.works.size === 0 || (!this.isWorking && (this.exchange.isAsking || this.code.isAsking));
  }

  /** Says who is here. */
  greet(): void {
    const { version } = this.place;
    this.send({ type: 'hello', protocol: UNIT_PROTOCOL, version, host: hostname() });
  }

  /** Takes a message of the run. The next one waits for what it returns. After the end, nothing is begun: it would have no end. */
  receive({ message, body }: Frame): Promise<void> | undefined {
    if (this.ending.signal.aborted) return undefined;
    const known = asMessage<ToUnit>(message);
    switch (known.type) {
      case 'hello':
        this.begin(known);
        return undefined;
      case 'job':
        this.take(known, body);
        return undefined;
      case 'cancel':
        this.cancel(known.job);
        return undefined;
      case 'identify':
        this.identify(known.compute);
        return undefined;
      case 'package':
        this.code.takePackage(known.content, known.directory);
        return undefined;
      case 'code':
        this.code.takeCode(known.fingerprint, body);
        return undefined;
      default:
        return this.exchange.handle(known, body);
    }
  }

  /** Settles when all jobs that have come have ended. What they lack does not come any more. */
  async finish(): Promise<void> {
    this.exchange.end();
    this.code.end();
    while (this.works.size > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Ends everything: the run is gone, or needs nothing more. */
  async stop(): Promise<void> {
    this.exchange.end();
    this.ending.abort();
    await this.workplace?.pool.stop();
    await this.results?.finish(PUBLISHING_MS);
    this.results?.close();
  }

  private send(message: Exclude<FromUnit, BlobMessage>, body?: readonly Uint8Array[]): void {
    this.connection().send(message, body);
  }

  private begin(greeting: RunGreeting): void {
    const refusal = this.refusalOf(greeting);
    if (refusal) {
      this.send({ type: 'unable', diagnostic: refusal });
      return;
    }
    const { cacheDirectory, workerFile, version } = this.place;
    const { run, compute } = greeting;
    const root = this.place.root ?? rootOf(greeting);
    const setup = { root, cacheDirectory, lease: this.name, isOfUnits: true, run, host: hostname() };
    this.workplace = {
      root,
      pool: new WorkerPool(workerFile, setup, this.environment),
      checks: new MachineChecks({ root, cacheDirectory, version }, compute, this.store.bundles),
    };
    this.workplace.pool.prepare();
    this.results = greeting.shared ? openResults(greeting.shared, this.store) : undefined;
  }

  private refusalOf({ protocol, version, platform }: RunGreeting): Diagnostic | undefined {
    const own = this.place.version;
    if (protocol !== UNIT_PROTOCOL || version !== own) {
      const fact = `${hostname()} has vmfdag ${own}, and the run has vmfdag ${version}`;
      return { fact, fix: `install the same version there: npm install vmfdag@${version}` };
    }
    const here = platformName();
    if (platform === here) return undefined;
    return { fact: `${hostname()} is ${here}, and the run is on ${platform}`, fix: 'name a host of the same kind' };
  }

  private identify(compute: boolean): void {
    if (!this.workplace) return;
    try {
      this.send({ type: 'identity', identity: this.workplace.checks.identity(compute) });
    } catch (error) {
      this.send({ type: 'unable', diagnostic: problemHere(error) });
    }
  }

  private take(message: JobMessage, body: Buffer): void {
    if (!this.workplace) return;
    const made = deferred<MadeOutputs | undefined>();
    const { workplace } = this;
    const work: Work = { message, made, ran: undefined, isCancelled: false };
    this.works.set(message.job.id, work);
    this.made.set(message.job.id, made);
    for (const [oldest] of this.made) {
      if (this.made.size <= REMEMBERED) break;
      this.made.delete(oldest);
    }
    void this.prepare(workplace, message, body).then((prepared) => {
      this.queue.push({ work, prepared });
      if (!this.isWorking) void this.workOff(workplace);
    });
  }

  private async prepare({ root, checks }: Workplace, message: JobMessage, body: Buffer): Promise<Prepared> {
    const { job: sent, enclosed, large } = message;
    const { cacheDirectory } = this.place;
    try {
      const code = await this.code.code(sent.code);
      await this.code.packages(code, { root, checks, cacheDirectory });
      await checks.install(sent, this.ending.signal);
      const diagnostic = checks.refusal(sent, code);
      if (diagnostic) return { kind: 'ended', outcome: { kind: 'refused', diagnostic } };
      const given = [...disclose(enclosed, body)].filter(([digest]) => !this.store.hasArtefact(digest));
      if (given.length > 0) await this.store.receive(new Map(given));
      await this.results?.take(large);
      const job = isAhead(sent) ? await completeJob(sent, (output) => this.outputOf(output)) : sent;
      // The run knows why from the end of what it follows.
      if (!job) return { kind: 'ended', outcome: { kind: 'lost' } };
      await this.exchange.ensure(job.inputs.flatMap((input) => inputDigests(input)));
      return { kind: 'ready', job };
    } catch (error) {
      return { kind: 'ended', outcome: outcomeOf(error) };
    }
  }

  private async outputOf({ job, output }: AwaitedOutput): Promise<ArtefactDigest | undefined> {
    return (await this.made.get(job)?.promise)?.[output]?.digest;
  }

  private cancel(job: number): void {
    const work = this.works.get(job);
    if (work) work.isCancelled = true;
    this.workplace?.pool.cancel(job);
  }

  private async workOff({ pool }: Workplace): Promise<void> {
    this.isWorking = true;
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      const { work, prepared } = next;
      try {
        if (prepared.kind === 'ready') await this.execute(pool, work, prepared.job, false);
        else this.endEarly(work, prepared.outcome);
      } catch (error) {
        this.endEarly(work, outcomeOf(error));
      }
    }
    this.isWorking = false;
  }

  /** Settles when the next job may begin. */
  private async execute(pool: WorkerPool, work: Work, job: Job, isAgain: boolean): Promise<void> {
    const { isAlone, limitSeconds, resources, secrets } = work.message;
    const { id } = job;
    if (work.isCancelled) {
      this.endEarly(work, { kind: 'lost' });
      return;
    }
    for (const [name, value] of Object.entries(secrets)) {
      if (value === null) delete this.environment[name];
      else this.environment[name] = value;
    }
    this.store.refresh();
    const started = performance.now();
    const tellBegin = setTimeout(() => this.send({ type: 'begun', job: id, seconds: TOLD_MS / 1000 }), TOLD_MS);
    const running: RunningJob = pool.run(
      job,
      undefined,
      { limitSeconds: limitSeconds ?? undefined, isAlone, resources },
      {
        progress: (fraction) => this.send({ type: 'progress', job: id, fraction }),
        metrics: (values) => this.send({ type: 'metrics', job: id, values }),
        output: (text, omitted) => this.send({ type: 'output', job: id, text, omitted }),
        warning: (diagnostic) => this.send({ type: 'warning', job: id, diagnostic }),
      },
    );
    const concluded = running.outcome.then((outcome) => {
      clearTimeout(tellBegin);
      work.ran = (performance.now() - started) / 1000;
      return this.conclude(pool, work, job, outcome, isAgain).catch((error: unknown) => {
        this.endEarly(work, outcomeOf(error));
      });
    });
    await Promise.race([running.free, concluded]);
    // An input that has gone from this cache meanwhile is got again before anything else begins.
    const outcome = await Promise.race([running.outcome, Promise.resolve(undefined)]);
    if (outcome?.kind === 'unreadable') await concluded;
  }

  private async conclude(pool: WorkerPool, work: Work, job: Job, outcome: JobOutcome, isAgain: boolean): Promise<void> {
    if (outcome.kind !== 'unreadable' || isAgain) {
      await this.end(work, job, outcome);
      return;
    }
    const { digest, state } = outcome.input;
    try {
      if (state === 'damaged') await this.store.quarantine(digest);
      this.store.refresh();
      await this.exchange.ensure([digest]);
    } catch (error) {
      this.endEarly(work, outcomeOf(error));
      return;
    }
    await this.execute(pool, work, job, true);
  }

  /** Ends a job of which there is no result. */
  private endEarly({ message, made, ran }: Work, outcome: JobOutcome): void {
    this.forget(message.job.id);
    made.resolve(undefined);
    this.send({ type: 'ended', job: message.job.id, outcome, ran: ran ?? null, made: null, enclosed: [], large: [] });
  }

  private forget(job: number): void {
    this.works.delete(job);
    for (const resolve of this.waiting.splice(0)) setImmediate(resolve);
  }

  private async end(work: Work, job: Job, ended: JobOutcome): Promise<void> {
    const outcome: JobOutcome = hasNoRoom(ended)
      ? { kind: 'refused', diagnostic: onThisHost(ended.diagnostic) }
      : ended;
    if (outcome.kind !== 'committed' || job.purpose.kind === 'audit') {
      this.endEarly(work, outcome);
      return;
    }
    this.store.refresh();
    const record = this.store.record(job.key);
    if (!record) {
      this.endEarly(work, { kind: 'lost' });
      return;
    }
    // What follows it need not wait for what comes now.
    work.made.resolve(record.outputs);
    const large = job.purpose.kind === 'record' ? await this.publish(record) : [];
    this.forget(job.id);
    const software = record.software === undefined ? undefined : this.store.software(record.software);
    const made: MadeNode = { record, metrics: this.store.metrics(job.key), software: software ?? null };
    const { enclosed, body } = enclose(outputDigests(record), this.store);
    this.send({ type: 'ended', job: job.id, outcome, ran: work.ran ?? null, made, enclosed, large }, body);
  }

  /** Leaves a result in the shared cache. @returns its large outputs, if they are there soon: the run takes them from there */
  private async publish(record: MadeNode['record']): Promise<readonly SharedArtefact[]> {
    const publishing = this.results?.publishSoon(record.key);
    const large = largeOutputs(record);
    if (!publishing || large.length === 0) return [];
    const bytes = large.reduce((sum, each) => sum + each.bytes, 0);
    const patience = LEAST_PATIENCE_MS + (bytes / SLOW_BYTES_PER_SECOND) * 1000;
    const outcome = await Promise.race([publishing, wait(patience, 'failed' as const, { ref: false })]);
    return outcome === 'published' || outcome === 'there' ? large : [];
  }
}

/** A unit works without a place that it cannot use: the run has the results all the same. */
function openResults({ url, ...others }: SharedPlace, store: Store): SharedResults | undefined {
  try {
    const cache = openSharedCache({ url: new URL(url), ...others }, process.env, true, () => {});
    return new SharedResults(cache, store, others.mode === 'read-write');
  } catch {
    return undefined;
  }
}

/** The folder of the run's project, if it is here too. */
function rootOf({ root }: RunGreeting): string {
  return existsSync(join(root, 'node_modules')) ? root : process.cwd();
}

function outcomeOf(error: unknown): JobOutcome {
  if (error instanceof Lacking) {
    const { digest, state, diagnostic } = error;
    return { kind: 'unreadable', input: { digest, state, diagnostic } };
  }
  if (error instanceof Disconnected) return { kind: 'lost' };
  return { kind: 'refused', diagnostic: problemHere(error) };
}

/** This machine's cache cannot be used. That of the run is elsewhere. */
function hasNoRoom(outcome: JobOutcome): outcome is Extract<JobOutcome, { kind: 'failed' }> {
  return outcome.kind === 'failed' && outcome.cause === 'store';
}
