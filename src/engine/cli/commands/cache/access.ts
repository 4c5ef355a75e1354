import { Failure } from '../../../base/failure.ts';
import { type NodeState, statesOfTargets, survey } from '../../../staleness/survey.ts';
import type { InspectableStore } from '../../../store/inspection.ts';
import { openStore } from '../../../store/lmdb/lmdb-store.ts';
import type { NodeRecord, Store } from '../../../store/store.ts';
import { cacheDirectory, openProject, type ProjectOptions, prepareRequest } from '../../project.ts';

export interface CacheOptions extends ProjectOptions {
  readonly json?: boolean;
}

/** Opens the cache for as long as it is used. */
export async function withStore<T>(
  options: CacheOptions,
  use: (store: InspectableStore) => T | Promise<T>,
): Promise<T> {
  const store = openStore(cacheDirectory(options));
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** The states of the nodes that a pattern names, with the pipeline file and the code as they are now. */
export async function withNodes<T>(
  pattern: string,
  options: CacheOptions,
  use: (states: readonly NodeState[], store: Store) => T,
): Promise<T> {
  const project = openProject(options);
  return withStore(options, async (store) => {
    const request = await prepareRequest(project, store, [pattern]);
    return use(statesOfTargets(request, survey(request, store)), store);
  });
}

/** @throws {Failure} for a node that is not up to date */
export function currentState(state: NodeState): Extract<NodeState, { state: 'current' }> {
  if (state.state === 'current') return state;
  throw new Failure('usage', {
    fact: `${state.node.id} is not up to date in the cache`,
    fix: `run "vmfdag run --target ${state.node.id}" first, or see "vmfdag explain ${state.node.id}"`,
  });
}

/** All bytes of a node's outputs. */
export function recordBytes({ outputs }: NodeRecord): number {
  return Object.values(outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}
