import { suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import { type DeclaredExecutor, LOCAL } from '../../pipeline/executors/read-executors.ts';
import type { Plan } from '../../plan/plan.ts';
import type { RunListener } from '../../run/events.ts';
import type { RunExecutor } from '../../run/run-loop.ts';
import type { SharedResults } from '../../shared/shared-results.ts';
import type { Store } from '../../store/store.ts';
import { knownExecutors } from '../project/executors.ts';
import type { Project } from '../project/project.ts';
import { openSharedResults, sharedCacheWarning } from './shared-results.ts';

/** What a run uses besides the workers of this machine. */
export interface OtherMachines {
  /** Close it at the end. */
  readonly shared: SharedResults | undefined;
  /** The executors that the run of a name needs, by name. None has started anything. */
  executors(run: string): ReadonlyMap<string, RunExecutor>;
}

interface Asked {
  /** The program of workers, next to which is that of units. */
  readonly workerFile: string;
  /** Gets a warning, at most once, when the shared cache is not asked any more. */
  readonly listener: RunListener;
}

/**
 * Opens the shared cache of a run, and finds its executors. Where the settings name no shared cache, jobs of a cluster leave their results in a
 * folder: so a run that was killed finds what they have finished meanwhile.
 * @param isShared whether a shared cache is used
 * @throws {Failure} kind `usage` for an executor that is not declared, and for settings that are wrong
 */
export async function otherMachines(
  project: Project,
  plan: Plan,
  store: Store,
  { workerFile, listener }: Asked,
  isShared = true,
): Promise<OtherMachines> {
  const declared = neededExecutors(project, plan);
  // Most runs need none of these, and loading them takes longer than looking at a thousand nodes.
  const units = declared.length === 0 ? undefined : await import('./make-executors.ts');
  const sharedCache = isShared
    ? (project.settings().sharedCache ?? units?.sharedFolderOf(declared, project))
    : undefined;
  const shared = await openSharedResults(sharedCache, store, 'run', (fact) => listener(sharedCacheWarning(fact)));
  const of = { store, workerFile, shared: sharedCache, results: shared };
  return { shared, executors: (run) => units?.makeExecutors(declared, project, { run, ...of }) ?? new Map() };
}

function neededExecutors(project: Project, plan: Plan): readonly DeclaredExecutor[] {
  const { executor: everywhere } = project;
  const executors = knownExecutors(project);
  const known = [LOCAL, ...executors.keys()];
  if (everywhere !== undefined && !known.includes(everywhere)) {
    throw new Failure('usage', {
      fact: `--executor ${everywhere}: neither the pipeline file nor the settings declare an executor of that name`,
      fix: suggestName(everywhere, known),
    });
  }
  const named = new Set(everywhere === undefined ? [] : [everywhere]);
  for (const { executor, name, places } of new Set(plan.nodes.map(({ stage }) => stage))) {
    if (executor === undefined) continue;
    if (!known.includes(executor)) {
      const fact = `stage "${name}" names the executor "${executor}", which is not declared`;
      throw new Failure('usage', { fact, fix: suggestName(executor, known), range: places.executor });
    }
    named.add(executor);
  }
  return [...executors.values()].filter(({ name }) => named.has(name));
}
