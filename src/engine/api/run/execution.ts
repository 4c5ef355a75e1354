import { availableParallelism, hostname } from 'node:os';
import type { NodeKey } from '../../base/digest.ts';
import { executorNameOf } from '../../plan/executor-name.ts';
import type { NodeId, OutputReference } from '../../plan/plan.ts';
import type { AuditRequest } from '../../run/audit.ts';
import type { RunListener, RunSummary } from '../../run/events.ts';
import { LiveJournal } from '../../run/live/live-journal.ts';
import { RunRecorder } from '../../run/recorder.ts';
import { type RunExecutor, RunLoop } from '../../run/run-loop.ts';
import { isMadeElsewhere } from '../../staleness/made-elsewhere.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import { survey } from '../../staleness/survey.ts';
import type { RunLabel } from '../../store/run-label.ts';
import type { ResultFile, Store } from '../../store/store.ts';
import type { Leftover } from '../../views/results/leftovers.ts';
import { type MadeArtefact, publishedFiles } from '../../views/results/publish-files.ts';
import { WorkerPool } from '../../workers/pool.ts';
import { forgetMachine } from '../project/executors.ts';
import type { Project } from '../project/project.ts';
import type { SweepRecords } from '../sweep/sweep-records.ts';
import { codeRevision } from './code-revision.ts';
import { machineCapacity } from './machine-capacity.ts';
import type { OtherMachines } from './other-machines.ts';
import { askedPaths, publishResults } from './publish-results.ts';
import { askedDigest, runId, runRecord } from './run-record.ts';
import { keepingTargets, publishedOutputs, targetOutputs } from './target-bytes.ts';

const STORE_CHECK_MS = 1000;

export interface ExecutionOptions {
  /** The program that worker processes run. */
  readonly workerFile: string;
  /** The token of the lease that this process holds. */
  readonly lease: string;
  /** Those of this run, if they have been started already. */
  readonly workers?: RunWorkers;
  /** Nodes that may run at the same time; by default one for each core. */
  readonly jobs?: number;
  /** Whether to go on after a failure with what does not depend on it. */
  readonly keepGoing?: boolean;
  /** Whether to restore missing bytes of everything that was asked for, and keep them after this run. */
  readonly restore?: boolean;
  /** Executes nodes that are up to date, to compare their bytes. */
  readonly audit?: AuditRequest;
  /** The execution does not close its shared cache. */
  readonly machines: OtherMachines;
  /** The name of the request. With it, the end of the run confirms that all of it is up to date. */
  readonly confirmAs?: string;
  readonly listener: RunListener;
  /** What was asked for, for the history. */
  readonly command: readonly string[];
  readonly targets: readonly string[];
  /** What is said about the run. */
  readonly label?: RunLabel | undefined;
  /** For a sweep: its settings, which have records and results of their own. */
  readonly sweep?: SweepRecords | undefined;
}

/** The result of a run. */
export interface RunResult {
  readonly id: string;
  readonly summary: RunSummary;
  /** Paths of the targets' files that are up to date now. */
  readonly files: readonly string[];
  /** Files of earlier runs in the same folder that do not belong to these: of failed nodes, removed targets, or other settings. */
  readonly leftovers: readonly Leftover[];
}

/** The workers of one run. */
export interface RunWorkers {
  /** The run's name. */
  readonly run: string;
  readonly pool: WorkerPool;
}

/** The workers of a new run, none of which has started. Stop the pool unless an execution gets it. */
export function newWorkers(
  { root, cacheDirectory }: Project,
  { workerFile, lease }: Pick<ExecutionOptions, 'workerFile' | 'lease'>,
): RunWorkers {
  const run = runId();
  return { run, pool: new WorkerPool(workerFile, { root, cacheDirectory, lease, run, host: hostname() }) };
}

/** One run of a request: worker processes, a loop, the record of the run, and the files of the targets. */
export class Execution {
  readonly id: string;
  private readonly project: Project;
  private readonly request: RunRequest;
  private readonly store: Store;
  private readonly recorder: RunRecorder;
  private readonly live: LiveJournal;
  private readonly sweep: SweepRecords | undefined;
  private readonly pool: WorkerPool;
  private readonly executors: ReadonlyMap<string, RunExecutor>;
  private readonly loop: RunLoop;
  private readonly confirmAs: string | undefined;
  /** The cache's revision when this run began. */
  private readonly revision: number;

  constructor(project: Project, asked: RunRequest, store: Store, options: ExecutionOptions) {
    const { workers = newWorkers(project, options) } = options;
    const request = options.restore === true ? { ...asked, plan: keepingTargets(asked.plan) } : asked;
    const wanted = options.restore === true ? targetOutputs(request.plan) : [];
    this.id = workers.run;
    this.project = project;
    this.request = request;
    this.store = store;
    const jobs = options.jobs ?? defaultJobs();
    this.confirmAs = options.confirmAs;
    this.revision = store.revision();
    this.sweep = options.sweep;
    const sweep = options.sweep?.part;
    const described = { ...options, jobs, sweep };
    const record = runRecord(this.id, project, described, askedDigest(project, request, options.targets));
    this.recorder = new RunRecorder(store, record, project.pipeline.params, () => codeRevision(project.root));
    this.live = new LiveJournal(project.cacheDirectory, this.id, request.plan.nodes, () => this.loop.state.ledger);
    this.pool = workers.pool;
    this.executors = options.machines.executors(this.id);
    const listener: RunListener = (event) => {
      if (event.type === 'refused' || (event.type === 'failed' && event.cause === 'refused')) this.askAgain(event.node);
      options.listener(event);
    };
    this.loop = new RunLoop(request, store, this.pool, {
      jobs,
      capacity: machineCapacity(jobs),
      executors: this.executors,
      executor: project.executor,
      keepGoing: options.keepGoing === true,
      wanted: [...publishedOutputs(request.plan), ...wanted],
      ...(options.audit ? { audit: options.audit } : {}),
      shared: options.machines.shared,
      listener: this.recorder.listen(
        () => this.loop.state.ledger,
        this.live.listen(this.sweep?.listen(() => this.loop.state.ledger, request.plan.nodes, listener) ?? listener),
      ),
      observer: this.live,
    });
  }

  /** Runs to the end. Call it once, while this process holds the lease of the cache. */
  async run(): Promise<RunResult> {
    const watch = setInterval(() => this.checkStore(), STORE_CHECK_MS).unref();
    try {
      const summary = await this.loop.run();
      // Idle workers end while the results are written.
      const [result] = await Promise.all([this.finish(summary), this.stopExecutors()]);
      return result;
    } finally {
      clearInterval(watch);
      this.recorder.stop();
      this.sweep?.stop();
      await Promise.all([this.stopExecutors(), this.live.close()]);
    }
  }

  private async stopExecutors(): Promise<void> {
    const others = [...this.executors.values()].map(({ executor }) => executor.stop());
    await Promise.all([this.pool.stop(), ...others]);
  }

  /** Records the run and publishes its results. */
  private async finish(summary: RunSummary): Promise<RunResult> {
    this.store.refresh();
    const { plan, known, ledger } = this.loop.state;
    const artefactOf = ({ node: index, output }: OutputReference): MadeArtefact | undefined => {
      const node = plan.nodes[index];
      const digest = known.digest({ node: index, output });
      const key = ledger.keys[index];
      return node && digest && key ? { digest, node: node.id, output, key } : undefined;
    };
    const files = publishedFiles(plan.targets, artefactOf);
    await Promise.all([this.recorder.finish(ledger, summary), this.confirm(summary, files)]);
    const published = this.sweep
      ? await this.sweep.finish(
          ledger,
          summary,
          summary.executed > 0 ? await codeRevision(this.project.root) : undefined,
          artefactOf,
        )
      : await publishResults(this.id, files, askedPaths(plan.targets), this.project, this.store);
    return { id: this.id, summary, ...published };
  }

  /** Confirms a run that left nothing undone, so that the next one need not look. */
  private async confirm({ outcome }: RunSummary, files: readonly ResultFile[]): Promise<void> {
    if (this.confirmAs === undefined || outcome !== 'done') return;
    const confirmation = { run: this.id, nodes: this.request.plan.nodes.length, files, software: this.usedSoftware() };
    await this.store.confirm(this.confirmAs, confirmation, this.revision);
  }

  /** Digests of what commands have used of the machine. */
  private usedSoftware(): readonly string[] {
    const { nodes, ledger } = this.loop.state;
    const used = new Set<string>();
    for (const { stage, index } of nodes) {
      if (stage.program.kind !== 'command') continue;
      const key = ledger.keys[index];
      const record = key ? this.store.record(key) : undefined;
      if (record?.software !== undefined && !isMadeElsewhere(record)) used.add(record.software);
    }
    return [...used];
  }

  /** The machines of an executor may have changed: the next run asks them again what they compute with. */
  private askAgain(id: NodeId): void {
    const { plan, machines = new Map() } = this.request;
    const { executor } = this.project;
    const stage = plan.nodes.find((node) => node.id === id)?.stage;
    const name = stage && executorNameOf(stage, executor);
    for (const [other, { file }] of machines) if (executorNameOf(other, executor) === name) forgetMachine(file);
  }

  /** A removed cache should not let nodes run for hours. */
  private checkStore(): void {
    try {
      this.store.checkPresence();
    } catch (error) {
      this.loop.abort(error);
    }
  }

  /** Lets running nodes finish and starts no more. */
  stopSoon(): void {
    this.loop.stopSoon();
  }

  /**
   * The pipeline was edited: ends the running nodes that would run differently now, lets the others finish, and starts no more.
   * @param edited what is asked for now
   */
  giveWayTo(edited: RunRequest): void {
    const keys = new Set<NodeKey>();
    for (const state of survey(edited, this.store)) if ('key' in state) keys.add(state.key);
    this.loop.stopOutdated(({ key }) => keys.has(key));
  }

  /** Ends the running nodes by force; finished ones stay. */
  stopNow(): Promise<void> {
    return this.loop.stopNow();
  }
}

export function defaultJobs(): number {
  return availableParallelism();
}
