import { Failure } from '../base/failure.ts';
import type { JsonValue } from '../base/json.ts';
import type { Plan } from '../plan/plan.ts';
import type { RunListener } from '../run/events.ts';
import type { LeaseHolder } from '../run/lease.ts';
import type { RunRequest } from '../staleness/subjects.ts';
import { type NodeState, outputOf, statesOfTargets, survey } from '../staleness/survey.ts';
import { openStore } from '../store/lmdb/lmdb-store.ts';
import { outputOrder } from '../store/output-order.ts';
import type { Store } from '../store/store.ts';
import { Execution, type RunResult } from './execution.ts';
import { withLease } from './hold-lease.ts';
import { paramText } from './param-text.ts';
import { askCompute, prepareRequest, StageFingerprints } from './prepare-request.ts';
import { openProject, type Project } from './project.ts';

export interface LoadOptions {
  /** Without it, the profile that says `default: true`. */
  readonly profile?: string;
  /** Values for params by path, as `--set` gives them: `{ 'compute.threads': 2, seeds: [1, 2] }`. */
  readonly set?: Readonly<Record<string, JsonValue>>;
  /** Folder of the cache; without it, `cache` next to the pipeline file. */
  readonly cache?: string;
}

export interface PlanOptions {
  /** Targets, stages, nodes or patterns; without them, the default targets of the file. */
  readonly targets?: readonly string[];
  /** Stages whose nodes run even if they are up to date. */
  readonly force?: readonly string[];
}

export interface RunOptions extends PlanOptions {
  /** Nodes that may run at the same time; by default one for each core. */
  readonly jobs?: number;
  /** Whether to go on after a failure with what does not depend on it. */
  readonly keepGoing?: boolean;
  /** Called with everything that happens, in order; the last event is the summary. */
  readonly onEvent?: RunListener;
  /** When aborted, running nodes may finish and no more are started. */
  readonly stop?: AbortSignal;
  /** When aborted, running nodes are ended by force. Finished ones stay. */
  readonly kill?: AbortSignal;
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
export function plan(project: Project, { targets = [], force = [] }: PlanOptions): Promise<PlannedWork> {
  return withStore(project, async (store) => {
    const request = await prepareRequest(project, store, targets, force);
    return { plan: request.plan, states: survey(request, store) };
  });
}

/** See `run` of the package's root. */
export async function run(project: Project, options: RunOptions, workerFile: string): Promise<RunResult> {
  const { targets = [], force = [], stop } = options;
  const execute = (lease: string, rule: (store: Store) => Store) =>
    withStore(project, async (store) => {
      const code = new StageFingerprints(project, store);
      askCompute(project, code);
      const request = await prepareRequest(project, rule(store), targets, force, code);
      return executeRequest(project, request, store, lease, options, workerFile);
    });
  const use = await withLease(
    {
      cacheDirectory: project.cacheDirectory,
      command: process.argv.slice(1).join(' '),
      wait: options.wait !== false,
      onWaiting: options.onWaiting ?? (() => {}),
      ...(stop ? { stop } : {}),
    },
    (lease) => execute(lease.token, (store) => lease.rule(store)),
  );
  // Stopped before its turn: it starts nothing, and reports so.
  return use.kind === 'used' ? use.value : execute('', (store) => store);
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
  const execution = new Execution(project, request, store, {
    workerFile,
    lease,
    ...(jobs === undefined ? {} : { jobs }),
    keepGoing: options.keepGoing === true,
    listener: (event) => {
      onEvent(event);
      // Before anything is started, if the signal was given earlier.
      if (event.type === 'planned' && (stop?.aborted || kill?.aborted)) execution.stopSoon();
    },
    command: process.argv.slice(1),
    targets,
  });
  // Not at once: `onEvent` may give the signal when a node is about to start.
  const endSoon = () => queueMicrotask(() => execution.stopSoon());
  const endNow = () => queueMicrotask(() => void execution.stopNow());
  stop?.addEventListener('abort', endSoon);
  kill?.addEventListener('abort', endNow);
  try {
    return await execution.run();
  } finally {
    stop?.removeEventListener('abort', endSoon);
    kill?.removeEventListener('abort', endNow);
  }
}

/** See `artefact` of the package's root. */
export function artefact(project: Project, node: string, output: string): Promise<Uint8Array> {
  return withStore(project, async (store) => {
    const request = await prepareRequest(project, store, [node]);
    const [state, second] = statesOfTargets(request, survey(request, store));
    if (second || state?.state !== 'current') {
      throw new Failure('usage', {
        fact: second ? `"${node}" is more than one node` : `${node} is not up to date in the cache`,
        fix: second ? `name one of them, for example ${state?.node.id}` : 'run it first',
      });
    }
    const digest = outputOf(state, output);
    if (!digest) {
      const names = outputOrder(state.node.stage.outputs);
      throw new Failure('usage', { fact: `${node} has no output "${output}"`, fix: `it has ${names.join(', ')}` });
    }
    return store.artefact(digest);
  });
}

/** Stores in use, by folder. */
const opened = new Map<string, { readonly store: Store; users: number }>();

/**
 * Calls of one process share the store of a folder. With two, a write that waits for this thread would hold LMDB's lock while
 * this thread waits for the lock on behalf of the other.
 */
async function withStore<T>({ cacheDirectory }: Project, use: (store: Store) => Promise<T>): Promise<T> {
  const known = opened.get(cacheDirectory);
  // A compacted one is left to its present users.
  const shared = known?.store.isCurrent() ? known : { store: openStore(cacheDirectory), users: 0 };
  opened.set(cacheDirectory, shared);
  shared.users++;
  try {
    return await use(shared.store);
  } finally {
    shared.users--;
    if (shared.users === 0) {
      if (opened.get(cacheDirectory) === shared) opened.delete(cacheDirectory);
      await shared.store.close();
    }
  }
}
