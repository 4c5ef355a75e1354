import type { Diagnostic } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import type { JsonValue } from '../base/json.ts';
import type { Plan } from '../plan/plan.ts';
import type { RunListener } from '../run/events.ts';
import type { LeaseHolder } from '../run/lease.ts';
import type { RunRequest } from '../staleness/subjects.ts';
import type { NodeState } from '../staleness/survey.ts';
import type { Store } from '../store/store.ts';
import { commandLine } from '../views/runs/command-line.ts';
import { whileAlone, withStore } from './cache/open-cache.ts';
import { outputDigest } from './project/output-digest.ts';
import { paramText } from './project/param-text.ts';
import { fingerprintsAndCompute, prepareRequest } from './project/prepare-request.ts';
import { openProject, type Project } from './project/project.ts';
import { type PlanOptions, withSurvey } from './project/survey-project.ts';
import { askExecutors } from './run/ask-executors.ts';
import { Execution, type RunResult } from './run/execution.ts';
import { type LabelChange, newLabel } from './run/experiments.ts';
import { otherMachines } from './run/other-machines.ts';

export interface LoadOptions {
  /** Without it, the profile that says `default: true`. */
  readonly profile?: string;
  /** Values for params by path, as `--set` gives them: `{ 'compute.threads': 2, seeds: [1, 2] }`. */
  readonly set?: Readonly<Record<string, JsonValue>>;
  /** Folder of the cache; without it, `cache` next to the pipeline file. */
  readonly cache?: string;
}

export interface RunOptions extends PlanOptions {
  /** Nodes that may run at the same time; by default one for each core. */
  readonly jobs?: number;
  /** The executor of the stages that name none; by default the workers of this machine. */
  readonly executor?: string;
  /** Whether to go on after a failure with what does not depend on it. */
  readonly keepGoing?: boolean;
  /** Called with everything that happens, in order; the last event is the summary. */
  readonly onEvent?: RunListener;
  /** When aborted, running nodes may finish and no more are started. */
  readonly stop?: AbortSignal;
  /** When aborted, running nodes are ended by force. Finished ones stay. */
  readonly kill?: AbortSignal;
  /** What is said about the run; see `labelRun`. */
  readonly label?: Pick<LabelChange, 'name' | 'note' | 'addTags'>;
  /** Whether to wait for another run on the same cache (the default), or to fail. */
  readonly wait?: boolean;
  /** Called once with the holder that this run waits for; undefined where it is unknown. */
  readonly onWaiting?: (holder: LeaseHolder | undefined) => void;
}

/** What a run would do. */
export interface PlannedWork {
  readonly plan: Plan;
  /** States of all nodes, in the plan's order. */
  readonly states: readonly NodeState[];
}

/** See `loadPipeline` of the package's root. */
export function loadPipeline(file: string, { set = {}, ...options }: LoadOptions): Project {
  const overrides = Object.entries(set).map(([path, value]) => {
    const text = paramText(value, path);
    return { path, value: text, origin: `set ${path}=${text}` };
  });
  return openProject({ file, ...options, overrides });
}

/** See `plan` of the package's root. */
export function plan(project: Project, options: PlanOptions): Promise<PlannedWork> {
  return withSurvey(project, options, ({ request, states }) => ({ plan: request.plan, states }));
}

/** See `run` of the package's root. */
export async function run(loaded: Project, options: RunOptions, workerFile: string): Promise<RunResult> {
  const { targets = [], force = [], stop, executor = loaded.executor, onEvent = () => {} } = options;
  const project = { ...loaded, executor };
  const warn = (diagnostic: Diagnostic) => onEvent({ type: 'warning', diagnostic });
  const execute = async (store: Store, lease: string) => {
    const code = fingerprintsAndCompute(project, store);
    await askExecutors(project, store, code, { targets, workerFile, warn });
    const request = await prepareRequest(project, store, targets, force, code);
    return executeRequest(project, request, store, lease, options, workerFile);
  };
  const { cacheDirectory } = project;
  const use = await whileAlone(
    {
      cacheDirectory,
      command: commandLine(process.argv.slice(1)),
      wait: options.wait !== false,
      onWaiting: options.onWaiting ?? (() => {}),
      ...(stop ? { stop } : {}),
    },
    execute,
  );
  // Stopped before its turn: it starts nothing, and reports so.
  return use.kind === 'used' ? use.value : withStore(cacheDirectory, (store) => execute(store, ''));
}

async function executeRequest(
  project: Project,
  request: RunRequest,
  store: Store,
  lease: string,
  options: RunOptions,
  workerFile: string,
): Promise<RunResult> {
  const { targets = [], onEvent = () => {}, jobs, stop, kill } = options;
  const machines = await otherMachines(project, request.plan, store, { workerFile, listener: onEvent });
  const execution = new Execution(project, request, store, {
    workerFile,
    lease,
    machines,
    ...(jobs === undefined ? {} : { jobs }),
    keepGoing: options.keepGoing === true,
    listener: (event) => {
      onEvent(event);
      // Before anything is started, if the signal was given earlier.
      if (event.type === 'planned' && (stop?.aborted || kill?.aborted)) execution.stopSoon();
    },
    command: process.argv.slice(1),
    targets,
    label: options.label && newLabel(options.label),
  });
  // Not at once: `onEvent` may give the signal when a node is about to start.
  const endSoon = () => queueMicrotask(() => execution.stopSoon());
  const endNow = () => queueMicrotask(() => void execution.stopNow());
  stop?.addEventListener('abort', endSoon);
  kill?.addEventListener('abort', endNow);
  try {
    return await execution.run();
  } finally {
    machines.shared?.close();
    stop?.removeEventListener('abort', endSoon);
    kill?.removeEventListener('abort', endNow);
  }
}

export { labelRun, listExperiments } from './run/experiments.ts';

/** See `artefact` of the package's root. */
export function artefact(project: Project, node: string, output: string): Promise<Uint8Array> {
  return withSurvey(project, { targets: [node] }, ({ asked: [state, second] }, store) => {
    if (!second && state?.state === 'cutShort') {
      const fix = 'take a node that there is: the plan says which';
      throw new Failure('usage', { fact: `${node} is cut short: ${state.cut.after.id} is the last step`, fix });
    }
    if (second || state?.state !== 'current') {
      throw new Failure('usage', {
        fact: second ? `"${node}" is more than one node` : `${node} is not up to date in the cache`,
        fix: second ? `name one of them, for example ${state?.node.id}` : 'run it first',
      });
    }
    return store.artefact(outputDigest(state, output));
  });
}
