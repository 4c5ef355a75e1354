import { randomUUID } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import { relative } from 'node:path';
import type { NodeId } from '../../plan/plan.ts';
import { publishTargets } from '../../report/publish.ts';
import type { RunListener, RunSummary } from '../../run/events.ts';
import { WorkerPool } from '../../run/pool.ts';
import { Scheduler } from '../../run/scheduler.ts';
import { type RunRequest, Subjects } from '../../run/subjects.ts';
import { openStore } from '../../store/lmdb/lmdb-store.ts';
import type { RunRecord, Store } from '../../store/store.ts';
import { jsonLines, plainLines } from '../../ui/lines.ts';
import { RemainingTime } from '../../ui/remaining-time.ts';
import { exitCodeOfRun } from '../exit-codes.ts';
import { holdLease } from '../hold-lease.ts';
import { machineCapacity } from '../machine.ts';
import { goOnUnread, line } from '../output.ts';
import { openProject, type Project, type ProjectOptions, prepareRequest } from '../project.ts';
import { printPlannedWork } from './planned-work.ts';

export interface RunOptions extends ProjectOptions {
  /** The program that worker processes run. */
  readonly workerFile: string;
  readonly target?: readonly string[];
  readonly force?: readonly string[];
  readonly jobs?: number;
  readonly keepGoing?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `vmfdag run`: brings targets up to date and writes their files. Returns the exit code. */
export async function run(options: RunOptions): Promise<number> {
  const project = openProject(options);
  const store = openStore(project.cacheDirectory);
  try {
    const request = await prepareRequest(project, store, options.target ?? [], options.force);
    if (options.dryRun) {
      printPlannedWork(request, store, options.json === true);
      return 0;
    }
    goOnUnread();
    const release = await holdLease(store);
    try {
      return await execute(project, request, store, options);
    } finally {
      release();
    }
  } finally {
    await store.close();
  }
}

async function execute(project: Project, request: RunRequest, store: Store, options: RunOptions): Promise<number> {
  const jobs = options.jobs ?? availableParallelism();
  const id = runId();
  const record = runRecord(id, project, options);
  const pool = new WorkerPool(options.workerFile, {
    root: project.root,
    cacheDirectory: project.cacheDirectory,
    run: id,
    host: hostname(),
  });
  const nodes = request.plan.nodes.map((node) => node.id);
  const view = await openView(options.json === true, nodes, store, jobs);
  const scheduler = new Scheduler(request, store, pool, {
    jobs,
    capacity: machineCapacity(jobs),
    keepGoing: options.keepGoing === true,
    listener: startRecording(view.listener, () => store.putRun(record)),
  });
  const restore = handleInterrupts(scheduler);
  let summary: RunSummary;
  try {
    summary = await scheduler.run();
  } finally {
    restore();
    view.close();
    await pool.stop();
  }
  store.refresh();
  await store.putRun(finishedRecord(record, summary));
  const subjects = new Subjects(request);
  const files = publishTargets(
    request.plan.targets,
    (source) => subjects.digest(source, scheduler.outputs),
    store,
    project.resultsDirectory,
  );
  if (!options.json) for (const file of files) line(`  ${relative(process.cwd(), file)}`);
  return exitCodeOfRun(summary.outcome);
}

/** The run is recorded as soon as something is executed, so that a killed one leaves a trace; a run that does nothing waits. */
function startRecording(listener: RunListener, record: () => Promise<void>): RunListener {
  let recorded = false;
  return (event) => {
    if (event.type === 'started' && !recorded) {
      recorded = true;
      // The record is for people who look back; a store that cannot take it will say so when the first node is committed.
      record().catch(() => {});
    }
    listener(event);
  };
}

interface View {
  readonly listener: RunListener;
  close(): void;
}

async function openView(json: boolean, nodes: readonly NodeId[], store: Store, jobs: number): Promise<View> {
  if (json) return { listener: jsonLines(line), close: () => {} };
  if (!process.stdout.isTTY) return { listener: plainLines(line), close: () => {} };
  const { LiveDisplay } = await import('../../ui/live.ts');
  const display = new LiveDisplay(process.stdout, new RemainingTime(nodes, store.durations(), jobs));
  return { listener: display.listener, close: () => display.clear() };
}

/** Ctrl-C once lets running nodes finish, twice stops them. */
function handleInterrupts(scheduler: Scheduler): () => void {
  let interrupts = 0;
  const onInterrupt = () => {
    interrupts++;
    if (interrupts === 1) scheduler.stopSoon();
    else if (interrupts === 2) void scheduler.stopNow();
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  return () => {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  };
}

/** Sorts by time, and is unique however many runs are started in one second. */
function runId(): string {
  return `${new Date().toISOString().replace(/[-:]/g, '').slice(0, 15)}-${randomUUID().slice(0, 6)}`;
}

function runRecord(id: string, { spec }: Project, options: RunOptions): RunRecord {
  return {
    id,
    startedAt: new Date().toISOString(),
    command: process.argv.slice(2),
    profile: spec.profile ?? null,
    targets: options.target ?? [],
    state: 'running',
    seconds: 0,
    counts: {},
  };
}

function finishedRecord(record: RunRecord, summary: RunSummary): RunRecord {
  const { outcome, executed, upToDate, cutOff, failed, skipped, seconds } = summary;
  return { ...record, state: outcome, seconds, counts: { executed, upToDate, cutOff, failed, skipped } };
}
