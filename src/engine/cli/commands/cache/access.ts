import { withStore } from '../../../api/cache/open-cache.ts';
import { withSurvey } from '../../../api/project/survey-project.ts';
import { Failure } from '../../../base/failure.ts';
import type { NodeState } from '../../../staleness/survey.ts';
import type { InspectableStore } from '../../../store/inspection.ts';
import type { NodeRecord, Store } from '../../../store/store.ts';
import { cacheDirectory, openProject, type ProjectOptions } from '../../options/project-options.ts';

export interface CacheOptions extends ProjectOptions {
  readonly json?: boolean;
}

/** Opens the cache of a command that needs no pipeline file. */
export function withCache<T>(options: CacheOptions, use: (store: InspectableStore) => T | Promise<T>): Promise<T> {
  return withStore(cacheDirectory(options), use);
}

/** The states of the nodes that a pattern names, with the pipeline file and the code as they are now. */
export function withNodes<T>(
  pattern: string,
  options: CacheOptions,
  use: (states: readonly NodeState[], store: Store) => T | Promise<T>,
): Promise<T> {
  return withSurvey(openProject(options), { targets: [pattern] }, ({ asked }, store) => use(asked, store));
}

/** @throws {Failure} for a node that is not up to date */
export function currentState(state: NodeState): Extract<NodeState, { state: 'current' }> {
  if (state.state === 'current') return state;
  if (state.state === 'cutShort') {
    const fix = 'take a node that there is, see "vmfdag status --json"';
    throw new Failure('usage', { fact: `${state.node.id} is cut short: ${state.cut.after.id} is the last step`, fix });
  }
  throw new Failure('usage', {
    fact: `${state.node.id} is not up to date in the cache`,
    fix: `run "vmfdag run --target ${state.node.id}" first, or see "vmfdag explain ${state.node.id}"`,
  });
}

/** All bytes of a node's outputs. */
export function recordBytes({ outputs }: NodeRecord): number {
  return Object.values(outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}
