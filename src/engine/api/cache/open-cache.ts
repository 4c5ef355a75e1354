import type { InspectableStore } from '../../store/inspection.ts';
import { openStore } from '../../store/lmdb/lmdb-store.ts';
import type { Creation } from '../../store/lmdb/open.ts';
import { useReserve } from '../../store/lmdb/room.ts';
import { type LeaseOptions, type LeaseUse, withLease } from './hold-lease.ts';

export { describeHolder, isReachable, leaseHolder } from '../../run/lease.ts';
export type { LeaseOptions, LeaseUse } from './hold-lease.ts';

/** Stores in use, by folder. */
const opened = new Map<string, { readonly store: InspectableStore; users: number }>();

/**
 * Opens a cache for as long as it is used. Everything that reads or writes a cache in this process goes through here.
 *
 * Uses at the same time share one store. With two, a write that waits for this thread would hold LMDB's lock while this thread waits
 * for the lock on behalf of the other.
 */
export async function withStore<T>(
  cacheDirectory: string,
  use: (store: InspectableStore) => T | Promise<T>,
  creation?: Creation,
): Promise<T> {
  const known = opened.get(cacheDirectory);
  // A compacted one is left to its present users.
  const shared = known?.store.isCurrent() ? known : { store: openStore(cacheDirectory, creation), users: 0 };
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

/**
 * Opens a cache for writing while no other process runs on it.
 * @param use gets the token of the lease too, under which worker processes write
 * @throws {Failure} as `withLease` does
 */
export function whileAlone<T>(
  options: LeaseOptions & { readonly makesRoom?: boolean },
  use: (store: InspectableStore, lease: string) => Promise<T>,
): Promise<LeaseUse<T>> {
  const { cacheDirectory, makesRoom } = options;
  return withLease(options, (lease) => {
    // A command that makes room needs some itself.
    if (makesRoom) useReserve(cacheDirectory);
    return withStore(cacheDirectory, (store) => use(lease.rule(store), lease.token));
  });
}
