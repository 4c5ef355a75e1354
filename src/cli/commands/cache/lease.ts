import { describeHolder, holdLease } from '../../../library/hold-lease.ts';
import type { InspectableStore } from '../../../store/inspection.ts';
import { openStore } from '../../../store/lmdb/lmdb-store.ts';
import { errorLine } from '../../output.ts';

/** Opens the cache while no other process runs on it. */
export async function withLease<T>(cacheDirectory: string, use: (store: InspectableStore) => Promise<T>): Promise<T> {
  const store = openStore(cacheDirectory);
  try {
    const release = await holdLease(store, {
      cacheDirectory,
      command: ['vmfdag', ...process.argv.slice(2)].join(' '),
      wait: true,
      onWaiting: (holder) => errorLine(`waiting for a run on this cache: ${describeHolder(holder)}`),
    });
    try {
      return await (store.isCurrent() ? use(store) : withLeaseAgain(cacheDirectory, use, release));
    } finally {
      release?.();
    }
  } finally {
    await store.close();
  }
}

/** While this process waited, the file was replaced: what it has open is of no use to anybody. */
function withLeaseAgain<T>(
  cacheDirectory: string,
  use: (store: InspectableStore) => Promise<T>,
  release: (() => void) | undefined,
): Promise<T> {
  release?.();
  return withLease(cacheDirectory, use);
}
