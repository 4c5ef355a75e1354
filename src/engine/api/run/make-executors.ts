import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import type { DeclaredExecutor } from '../../pipeline/executors/read-executors.ts';
import type { RunExecutor } from '../../run/run-loop.ts';
import type { SharedCacheSettings } from '../../settings/settings.ts';
import type { SharedResults } from '../../shared/shared-results.ts';
import type { Store } from '../../store/store.ts';
import type { UnitExecutor } from '../../units/ask-unit.ts';
import { execExecutor } from '../../units/exec-executor.ts';
import { futuresExecutor } from '../../units/futures-executor.ts';
import { LinkedPackages } from '../../units/linked-packages.ts';
import { SlurmExecutor, spoolOf } from '../../units/slurm/slurm-executor.ts';
import type { UnitsOfRun } from '../../units/units-of-run.ts';
import type { Project } from '../project/project.ts';

/** The run that executors work for. */
export interface ServedRun {
  /** Its name. */
  readonly run: string;
  readonly store: Store;
  /** The program of workers, next to which is that of units. */
  readonly workerFile: string;
  readonly shared: SharedCacheSettings | undefined;
  /** The same, open. */
  readonly results: SharedResults | undefined;
}

/** Numbers of workers are those of a run: so many are for this machine. */
const FIRST_WORKER = 1001;
const MOST_SLOTS = 1000;

/** An executor of a run whose jobs are executed by units. */
interface UnitRunExecutor extends RunExecutor {
  readonly executor: UnitExecutor;
}

/** Makes executors by name, none of which has started anything. */
export function makeExecutors(
  declared: readonly DeclaredExecutor[],
  { pipeline, root }: Project,
  { run, store, workerFile, shared, results }: ServedRun,
): ReadonlyMap<string, UnitRunExecutor> {
  const { compute = null } = pipeline;
  const unitCommand = [process.execPath, join(dirname(workerFile), 'vmfdag.cjs'), 'unit', '-'];
  const packages = new LinkedPackages(root, store);
  const of = { run, root, compute, store, packages, shared, results, version: manifest.version, unitCommand };
  return new Map(
    declared.map((each, index) => {
      const executor = executorOf(each, of, FIRST_WORKER + index * MOST_SLOTS);
      return [each.name, { executor, slots: each.slots, targetSeconds: each.targetSeconds }];
    }),
  );
}

/** The folder in which jobs of a cluster leave results, as a shared cache. Undefined where none of the executors sends jobs to one. */
export function sharedFolderOf(
  declared: readonly DeclaredExecutor[],
  { root }: Project,
): SharedCacheSettings | undefined {
  for (const { way } of declared) {
    if (way.kind !== 'slurm') continue;
    const url = pathToFileURL(join(spoolOf(way, root), 'shared'));
    return { url, mode: 'read-write', keys: [], compress: false };
  }
  return undefined;
}

function executorOf({ name, way, slots }: DeclaredExecutor, of: UnitsOfRun, firstWorker: number): UnitExecutor {
  switch (way.kind) {
    case 'exec':
      return execExecutor(name, way.command, slots, of, firstWorker);
    case 'futures':
      return futuresExecutor(name, way, slots, of, firstWorker);
    case 'slurm':
      return new SlurmExecutor({ name, way, slots, of, firstWorker });
  }
}
