import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import manifest from '../../package.json' with { type: 'json' };
import { type DeclaredExecutor, LOCAL } from '../../pipeline/executors/read-executors.ts';
import type { Plan } from '../../plan/plan.ts';
import type { RunListener } from '../../run/events.ts';
import type { RunExecutor } from '../../run/run-loop.ts';
import { readSettings, type Settings, type SharedCacheSettings } from '../../settings/settings.ts';
import type { SharedResults } from '../../shared/shared-results.ts';
import type { Store } from '../../store/store.ts';
import { execExecutor } from '../../units/exec-executor.ts';
import { futuresExecutor } from '../../units/futures-executor.ts';
import { LinkedPackages } from '../../units/linked-packages.ts';
import { SlurmExecutor, spoolOf } from '../../units/slurm/slurm-executor.ts';
import type { UnitsOfRun } from '../../units/units-of-run.ts';
import type { Executor } from '../../workers/executor.ts';
import type { Project } from '../project/project.ts';
import { openSharedResults, sharedCacheWarning } from './shared-results.ts';

interface Surroundings {
  /** The program of workers, next to which is that of units. */
  readonly workerFile: string;
  readonly sharedCache?: SharedCacheSettings | undefined;
  /** The same, open. */
  readonly shared?: SharedResults | undefined;
}

/** Numbers of workers are those of a run: so many are for this machine. */
const FIRST_WORKER = 1001;
const MOST_SLOTS = 1000;

/** The executors that the pipeline file and the settings declare. */
export function knownExecutors({
  pipeline,
  root,
}: Pick<Project, 'pipeline' | 'root'>): ReadonlyMap<string, DeclaredExecutor> {
  return withSettings(pipeline, readSettings(root, process.env));
}

/** A machine knows better than the pipeline file how others are reached from it. */
function withSettings({ executors }: Project['pipeline'], settings: Settings): ReadonlyMap<string, DeclaredExecutor> {
  return new Map([...executors, ...settings.executors]);
}

/** The shared cache that a run asks, open, and its settings, which jobs on other machines get. */
interface SharedResultsOfRun {
  readonly shared: SharedResults | undefined;
  readonly sharedCache: SharedCacheSettings | undefined;
}

/**
 * Opens the shared cache of a run. Close it at the end.
 * @param listener gets a warning, at most once, when it is not asked any more
 */
export async function sharedResultsOfRun(
  project: Project,
  plan: Plan,
  everywhere: string | undefined,
  store: Store,
  listener: RunListener,
): Promise<SharedResultsOfRun> {
  const sharedCache = sharedCacheOfRun(project, plan, everywhere);
  const shared = await openSharedResults(sharedCache, store, 'run', (fact) => listener(sharedCacheWarning(fact)));
  return { shared, sharedCache };
}

/**
 * The shared cache of a run: that of the settings, or else the folder in which jobs of a cluster leave results, if the run sends any there. So a run
 * that was killed finds what its jobs have finished meanwhile.
 */
function sharedCacheOfRun(
  { pipeline, root }: Project,
  plan: Plan,
  everywhere: string | undefined,
): SharedCacheSettings | undefined {
  const settings = readSettings(root, process.env);
  if (settings.sharedCache) return settings.sharedCache;
  const executors = withSettings(pipeline, settings);
  const named = [everywhere, ...new Set(plan.nodes.map(({ stage }) => stage.executor))];
  for (const name of named) {
    const way = name === undefined ? undefined : executors.get(name)?.way;
    if (way?.kind !== 'slurm') continue;
    const folder = join(spoolOf(way, root), 'shared');
    return { url: pathToFileURL(folder), mode: 'read-write', keys: [], compress: false };
  }
  return undefined;
}

/**
 * The executors that a run needs, none of which has started anything.
 * @param everywhere executes the stages that name none
 * @throws {Failure} kind `usage` for a name that is not declared
 */
export function runExecutors(
  { pipeline, root }: Project,
  plan: Plan,
  everywhere: string | undefined,
  run: string,
  store: Store,
  { workerFile, sharedCache: shared, shared: results }: Surroundings,
): ReadonlyMap<string, RunExecutor> {
  const { compute = null } = pipeline;
  const executors = knownExecutors({ pipeline, root });
  const known = [LOCAL, ...executors.keys()];
  if (everywhere !== undefined && !known.includes(everywhere)) {
    throw new Failure('usage', {
      fact: `--executor ${everywhere}: neither the pipeline file nor the settings declare an executor of that name`,
      fix: suggestName(everywhere, known),
    });
  }
  const named = new Set(everywhere === undefined ? [] : [everywhere]);
  for (const { executor, name, range } of new Set(plan.nodes.map(({ stage }) => stage))) {
    if (executor === undefined) continue;
    if (!known.includes(executor)) {
      const fact = `stage "${name}" names the executor "${executor}", which is not declared`;
      throw new Failure('usage', { fact, fix: suggestName(executor, known), range });
    }
    named.add(executor);
  }
  const unitCommand = [process.execPath, join(dirname(workerFile), 'vmfdag.cjs'), 'unit', '-'];
  const packages = new LinkedPackages(root, store);
  const of = { run, root, compute, store, packages, shared, results, version: manifest.version, unitCommand };
  const declared = [...executors.values()].filter(({ name }) => named.has(name));
  return new Map(
    declared.map((each, index) => {
      const executor = executorOf(each, of, FIRST_WORKER + index * MOST_SLOTS);
      return [each.name, { executor, slots: each.slots, targetSeconds: each.targetSeconds }];
    }),
  );
}

function executorOf({ name, way, slots }: DeclaredExecutor, of: UnitsOfRun, firstWorker: number): Executor {
  switch (way.kind) {
    case 'exec':
      return execExecutor(name, way.command, slots, of, firstWorker);
    case 'futures':
      return futuresExecutor(name, way, slots, of, firstWorker);
    case 'slurm':
      return new SlurmExecutor({ name, way, slots, of, firstWorker });
  }
}
