import type { Creation } from '../../store/lmdb/open.ts';
import type { RunRecord, Store } from '../../store/store.ts';
import { type RunState, stateOf } from '../../views/runs/describe-run.ts';
import { leaseHolder, withStore } from '../cache/open-cache.ts';

/** The runs on a cache, newest first. */
export interface EarlierRuns {
  readonly runs: readonly RunRecord[];
  /** A run that says that it is running was killed, unless its process holds the lease. */
  state(run: RunRecord): RunState;
}

export function withRuns<T>(
  cacheDirectory: string,
  use: (earlier: EarlierRuns, store: Store) => T,
  creation?: Creation,
): Promise<T> {
  const read = (store: Store) => {
    const lease = leaseHolder(cacheDirectory)?.token;
    return use({ runs: [...store.runs()], state: (run) => stateOf(run, lease) }, store);
  };
  return withStore(cacheDirectory, read, creation);
}
