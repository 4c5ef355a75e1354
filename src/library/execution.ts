import { hash, randomUUID } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import type { NodeKey } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import type { OutputReference } from '../plan/plan.ts';
import { publishTargets } from '../report/publish.ts';
import type { AuditRequest } from '../run/audit.ts';
import type { RunListener, RunSummary } from '../run/events.ts';
import { thisProcess } from '../run/lease.ts';
import { WorkerPool } from '../run/pool.ts';
import { RunRecorder } from '../run/recorder.ts';
import { Scheduler } from '../run/scheduler.ts';
import { type RunRequest, Subjects } from '../run/subjects.ts';
import { survey } from '../run/survey.ts';
import type { RunRecord, Store } from '../store/store.ts';
import { UnreadableArtefact } from '../store/unreadable-artefact.ts';
import { codeRevision } from './code-revision.ts';
import { machineCapacity } from './machine.ts';
import type { Project } from './project.ts';
import { keepingTargets, publishedOutputs, targetOutputs } from './target-bytes.ts';

const STORE_CHECK_MS = 1000;

export interface ExecutionOptions {
  /** The program that worker processes run. */
  readonly workerFile: string;
  /** Nodes that may run at the same time; one per core unless said otherwise. */
  readonly jobs?: number;
  /** After a failure, whether to go on with what does not depend on it. */
  readonly keepGoing?: boolean;
  /** Whether the bytes of all that was asked for are made again where they are gone, and stay after this run. */
  readonly restore?: boolean;
  /** Executes nodes that are up to date again, to see whether they give the same bytes. */
  readonly audit?: AuditRequest;
  readonly listener: RunListener;
  /** What was asked for, for people who look back. */
  readonly command: readonly string[];
  readonly targets: readonly string[];
}

/** What a run leaves behind. */
export interface RunResult {
  readonly id: string;
  readonly summary: RunSummary;
  /** Paths of the targets' files that are up to date now. */
  readonly files: readonly string[];
}

/** One run of a request: worker processes, a scheduler, the record of the run, and the files of the targets. */
export class Execution {
  readonly id = runId();
  private readonly project: Project;
  private readonly request: RunRequest;
  private readonly store: Store;
  private readonly recorder: RunRecorder;
  private readonly pool: WorkerPool;
  private readonly scheduler: Scheduler;

  constructor(project: Project, asked: RunRequest, store: Store, options: ExecutionOptions) {
    const request = options.restore === true ? { ...asked, plan: keepingTargets(asked.plan) } : asked;
    const wanted = options.restore === true ? targetOutputs(request.plan) : [];
    this.project = project;
    this.request = request;
    this.store = store;
    const jobs = options.jobs ?? defaultJobs();
    const record = {
      ...runRecord(this.id, project, jobs, options),
      asked: askedDigest(project, request, options.targets),
    };
    this.recorder = new RunRecorder(store, record, project.spec.params, () => codeRevision(project.root));
    this.pool = new WorkerPool(options.workerFile, {
      root: project.root,
      cacheDirectory: project.cacheDirectory,
      run: this.id,
      host: hostname(),
    });
    this.scheduler = new Scheduler(request, store, this.pool, {
      jobs,
      capacity: machineCapacity(jobs),
      keepGoing: options.keepGoing === true,
      wanted: [...publishedOutputs(request.plan), ...wanted],
      ...(options.audit ? { audit: options.audit } : {}),
      listener: this.recorder.listen(() => this.scheduler.ledger, options.listener),
    });
  }

  /** Runs to the end; to be called once, while this process holds the lease of the cache. */
  async run(): Promise<RunResult> {
    let summary: RunSummary;
    const watch = setInterval(() => this.checkStore(), STORE_CHECK_MS).unref();
    try {
      summary = await this.scheduler.run();
    } finally {
      clearInterval(watch);
      this.recorder.stop();
      await this.pool.stop();
    }
    this.store.refresh();
    await this.recorder.finish(this.scheduler.ledger, summary);
    return { id: this.id, summary, files: await this.publish() };
  }

  private async publish(): Promise<readonly string[]> {
    const subjects = new Subjects(this.request);
    const digestOf = (source: OutputReference) => subjects.digest(source, this.scheduler.outputs);
    try {
      return publishTargets(this.request.plan.targets, digestOf, this.store, this.project.resultsDirectory);
    } catch (error) {
      if (!(error instanceof UnreadableArtefact) || error.state !== 'damaged') throw error;
      await this.store.quarantine(error.digest);
      const fact = error.diagnostics[0]?.fact ?? error.message;
      const fix = 'it was set aside: check the disk and run again, and the node that makes it is executed again';
      throw new Failure('store', { fact, fix }, { cause: error });
    }
  }

  /** Nodes that run for hours need not do so for a cache that is gone. */
  private checkStore(): void {
    try {
      this.store.checkPresence();
    } catch (error) {
      this.scheduler.abort(error);
    }
  }

  /** Lets running nodes finish and starts no more. */
  stopSoon(): void {
    this.scheduler.stopSoon();
  }

  /**
   * The pipeline was edited: ends the running nodes that would not run like this any more, lets the others finish, and starts no more.
   * @param edited what is asked for now.
   */
  giveWayTo(edited: RunRequest): void {
    const keys = new Set<NodeKey>();
    for (const state of survey(edited, this.store)) if (state.state !== 'waiting') keys.add(state.subject.key);
    this.scheduler.stopOutdated(({ key }) => keys.has(key));
  }

  /** Ends the running nodes by force; what was finished stays. */
  stopNow(): Promise<void> {
    return this.scheduler.stopNow();
  }
}

export function defaultJobs(): number {
  return availableParallelism();
}

/** Sorts by time, and is unique however many runs are started in one second. */
function runId(): string {
  return `${new Date().toISOString().replace(/[-:]/g, '').slice(0, 15)}-${randomUUID().slice(0, 6)}`;
}

/** Two requests of one digest have the same plan, code and compute identity: with the same cache they resolve to the same keys. */
function askedDigest(
  { text, spec }: Project,
  { fingerprints, compute }: RunRequest,
  targets: readonly string[],
): string {
  const code = [...fingerprints].map(([stage, fingerprint]) => [stage.name, fingerprint]);
  return hash('sha256', JSON.stringify([text, spec.profile ?? null, spec.params, targets, code, compute]));
}

function runRecord(
  id: string,
  { spec, root, overrides }: Project,
  jobs: number,
  { command, targets }: ExecutionOptions,
): RunRecord {
  const { pid, processStart } = thisProcess('');
  return {
    id,
    startedAt: new Date().toISOString(),
    command,
    profile: spec.profile ?? null,
    targets,
    overrides: overrides.map(({ path, value }) => `${path}=${value}`),
    jobs,
    host: hostname(),
    process: { pid, start: processStart },
    root,
    state: 'running',
    seconds: 0,
    counts: {},
  };
}
