import { randomInt } from 'node:crypto';
import { join, relative } from 'node:path';
import { planProject } from '../../api/project/plan-project.ts';
import { fingerprintsAndCompute, prepareRequest } from '../../api/project/prepare-request.ts';
import { withSurvey } from '../../api/project/survey-project.ts';
import { type AskOptions, askExecutors } from '../../api/run/ask-executors.ts';
import { type NamedRequest, nameRequest, runIfConfirmed } from '../../api/run/confirmed-run.ts';
import { defaultJobs, Execution, type ExecutionOptions, newWorkers, type RunResult } from '../../api/run/execution.ts';
import { newLabel } from '../../api/run/experiments.ts';
import { otherMachines } from '../../api/run/other-machines.ts';
import { renderDiagnostic } from '../../base/diagnostic.ts';
import { optimize } from '../../base/optimize.ts';
import type { PlanNode } from '../../plan/plan.ts';
import type { RunListener } from '../../run/events.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import type { RunLabel } from '../../store/run-label.ts';
import type { Store } from '../../store/store.ts';
import { plannedWorkLines } from '../../views/explain/planned-work-lines.ts';
import { statesJson } from '../../views/explain/state-json.ts';
import { describeLeftover } from '../../views/results/leftovers.ts';
import { jsonLines, plainLines } from '../../views/terminal/event-lines.ts';
import { formatCount } from '../../views/terminal/format.ts';
import { remainingTimeOf } from '../../views/terminal/remaining-time.ts';
import { openProject, type Project, type ProjectOptions } from '../options/project-options.ts';
import { alone } from '../process/alone.ts';
import { EXIT, exitCodeOfRun } from '../process/exit-codes.ts';
import { type Listening, withNotices } from '../process/notices.ts';
import { errorLine, goOnUnread, line, printJson } from '../process/output.ts';

export interface RunOptions extends ProjectOptions {
  /** The program that worker processes run. */
  readonly workerFile: string;
  readonly target?: readonly string[];
  readonly force?: readonly string[];
  readonly jobs?: number;
  readonly keepGoing?: boolean;
  readonly dryRun?: boolean;
  readonly restore?: boolean;
  /** How many up-to-date nodes to execute again. */
  readonly audit?: number;
  readonly auditSeed?: number;
  /** Whether to wait for another run on the same cache. */
  readonly wait?: boolean;
  readonly json?: boolean;
  /** Whether jobs of earlier runs that still wait or run on clusters are cancelled first. */
  readonly cancelJobs?: boolean;
  readonly name?: string;
  readonly note?: string;
  readonly tag?: readonly string[];
  /** Where the end of the run is told. */
  readonly notify?: readonly string[];
}

type LabelledRun = RunOptions & Pick<ExecutionOptions, 'label'> & { readonly listening?: Listening };

/** `vmfdag run`: brings targets up to date and writes their files. Returns the exit code. */
export async function run(options: RunOptions): Promise<number> {
  const project = openProject(options);
  const label = labelOf(options);
  if (options.dryRun) return dryRun(project, options);
  goOnUnread();
  if (options.cancelJobs) await cancelEarlierJobs(project);
  const { wait, target: targets = [] } = options;
  return withNotices(project.pipeline.name, options.notify, (listening) =>
    alone(project.cacheDirectory, (store, lease) => runAlone(project, store, lease, { ...options, label, listening }), {
      wait,
      beforeWaiting: () => planProject(project, targets),
    }),
  );
}

/** Those of runs that were killed. */
async function cancelEarlierJobs(project: Project): Promise<void> {
  const { cancelClusterJobs, clusterJobs } = await import('../../api/units/cluster-jobs.ts');
  const found = await clusterJobs(project);
  await cancelClusterJobs(found);
  if (found.length > 0) errorLine(`cancelled ${formatCount(found.length, 'job')} of earlier runs`);
}

function dryRun(project: Project, options: RunOptions): Promise<number> {
  const { target: targets, force, json, jobs = defaultJobs() } = options;
  return withSurvey(project, { targets, force }, async ({ request, states }, store) => {
    if (json) printJson(statesJson(states, store));
    else for (const text of await plannedWorkLines(request, states, store, jobs)) line(text);
    return EXIT.done;
  });
}

/** What is said about a run; undefined where nothing is. */
export function labelOf({ name, note, tag }: RunOptions): RunLabel | undefined {
  return newLabel({ name: name ?? null, note: note ?? null, addTags: tag ?? [] });
}

async function runAlone(project: Project, store: Store, lease: string, options: LabelledRun): Promise<number> {
  const code = fingerprintsAndCompute(project, store);
  await askExecutors(project, store, code, askOptions(options));
  const named = mayBeConfirmed(options) ? await nameRequest(project, options.target ?? [], code) : undefined;
  if (named && (await endIfConfirmed(project, named, store, lease, options))) return EXIT.done;
  const workers = newWorkers(project, { workerFile: options.workerFile, lease });
  // Something has changed since this was confirmed, or it never was: most likely there is something to do.
  if (named) workers.pool.prepare();
  optimize('late');
  let running: RunningCommand;
  try {
    const request = await prepareRequest(project, store, options.target ?? [], options.force, code);
    running = await beginRun(project, request, store, { ...options, lease, workers }, named?.name);
  } catch (error) {
    await workers.pool.stop();
    throw error;
  }
  const restore = handleInterrupts(running);
  try {
    return await running.end();
  } finally {
    restore();
  }
}

/** How executors are asked what they compute with, before a run is shown. */
export function askOptions({
  target: targets = [],
  workerFile,
}: Pick<RunOptions, 'target' | 'workerFile'>): AskOptions {
  return { targets, workerFile, warn: (diagnostic) => errorLine(renderDiagnostic(diagnostic)) };
}

/** Whether it is enough to know that everything is up to date: --json reports each node, and the other options need more of them. */
function mayBeConfirmed({ force = [], restore, audit, json, label }: LabelledRun): boolean {
  return force.length === 0 && !restore && audit === undefined && !json && !label;
}

/** Shows a run that has nothing to do, if that is confirmed. Returns whether it is. */
async function endIfConfirmed(
  project: Project,
  named: NamedRequest,
  store: Store,
  lease: string,
  options: LabelledRun,
): Promise<boolean> {
  if (!store.confirmation(named.name)) return false;
  const jobs = options.jobs ?? defaultJobs();
  const asked = { command: process.argv.slice(2), targets: options.target ?? [], jobs, lease };
  const view = await openView(false, [], store, jobs, options.listening);
  try {
    const results = await runIfConfirmed(project, named, store, { ...asked, listener: view.listener });
    if (results) showResults(results, project);
    return results !== undefined;
  } finally {
    view.close();
  }
}

const LEFTOVERS_SHOWN = 10;

/** The files that a run has published, and other files among them. */
function showResults({ files, leftovers }: Pick<RunResult, 'files' | 'leftovers'>, { results }: Project): void {
  const shown = (file: string) => relative(process.cwd(), file);
  for (const file of files) line(`  ${shown(file)}`);
  if (leftovers.length === 0) return;
  line(
    `not from this run, and still there (remove ${leftovers.length === 1 ? 'it if it misleads' : 'what misleads'}):`,
  );
  let before = '';
  for (const leftover of leftovers.slice(0, LEFTOVERS_SHOWN)) {
    const description = describeLeftover(leftover);
    const told = description === before ? 'the same' : description;
    line(`  ${shown(join(results.directory, leftover.entry.path))}  ${told}`);
    before = description;
  }
  if (leftovers.length > LEFTOVERS_SHOWN) line(`  and ${leftovers.length - LEFTOVERS_SHOWN} more`);
}

/** A run that is shown to the user. */
export interface RunningCommand extends Pick<Execution, 'giveWayTo'> {
  /** Runs to the end, shows the results, and returns the exit code. */
  end(): Promise<number>;
  /** Once: running nodes may finish. Twice: they are ended. */
  interrupt(): void;
}

export async function beginRun(
  project: Project,
  request: RunRequest,
  store: Store,
  options: LabelledRun & Pick<ExecutionOptions, 'lease' | 'workers' | 'sweep'>,
  confirmAs?: string,
  show: (result: RunResult) => void | Promise<void> = (result) => showResults(result, project),
): Promise<RunningCommand> {
  const jobs = options.jobs ?? defaultJobs();
  const view = await openView(options.json === true, request.plan.nodes, store, jobs, options.listening);
  const machines = await otherMachines(project, request.plan, store, { ...options, listener: view.listener });
  const execution = new Execution(project, request, store, {
    workerFile: options.workerFile,
    lease: options.lease,
    ...(options.workers ? { workers: options.workers } : {}),
    jobs,
    keepGoing: options.keepGoing === true,
    restore: options.restore === true,
    ...(options.audit === undefined
      ? {}
      : { audit: { count: options.audit, seed: options.auditSeed ?? randomInt(1e9) } }),
    ...(confirmAs === undefined ? {} : { confirmAs }),
    listener: view.listener,
    command: process.argv.slice(2),
    targets: options.target ?? [],
    label: options.label,
    sweep: options.sweep,
    machines,
  });
  let interrupts = 0;
  return {
    async end() {
      try {
        const result = await execution.run();
        if (!options.json) await show(result);
        return exitCodeOfRun(result.summary);
      } finally {
        machines.shared?.close();
        view.close();
      }
    },
    interrupt() {
      interrupts++;
      if (interrupts === 1) execution.stopSoon();
      else if (interrupts === 2) void execution.stopNow();
    },
    giveWayTo: (edited) => execution.giveWayTo(edited),
  };
}

interface View {
  readonly listener: RunListener;
  close(): void;
}

async function openView(
  json: boolean,
  nodes: readonly PlanNode[],
  store: Store,
  jobs: number,
  listening: Listening = (listener) => listener,
): Promise<View> {
  if (json) return { listener: listening(jsonLines(line)), close: () => {} };
  // A terminal without a size, such as that of a container without a screen, shows nothing that is redrawn.
  const isScreen = process.stdout.isTTY && process.stdout.columns > 0;
  if (!isScreen) return { listener: listening(plainLines(line)), close: () => {} };
  const { LiveDisplay } = await import('../../views/terminal/live-display.ts');
  const display = new LiveDisplay(process.stdout, remainingTimeOf(nodes, store, jobs));
  return { listener: listening(display.listener), close: () => display.clear() };
}

/** Ctrl-C once lets running nodes finish, twice stops them. */
export function handleInterrupts(running: RunningCommand): () => void {
  const onInterrupt = () => running.interrupt();
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  return () => {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  };
}
