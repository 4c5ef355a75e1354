import { describeHolder, withLease } from '../../../library/hold-lease.ts';
import type { InspectableStore } from '../../../store/inspection.ts';
import { openStore } from '../../../store/lmdb/lmdb-store.ts';
import { errorLine } from '../../output.ts';

/** Opens the cache while no other process runs on it. */
export async function alone<T>(cacheDirectory: string, use: (store: InspectableStore) => Promise<T>): Promise<T> {
  for (;;) {
    const store = openStore(cacheDirectory);
    try {
      const held = await withLease(
        store,
        {
          cacheDirectory,
          command: ['vmfdag', ...process.argv.slice(2)].join(' '),
          wait: true,
          onWaiting: (holder) => errorLine(`waiting for a run on this cache: ${describeHolder(holder)}`),
        },
        () => use(store),
      );
      if (held.kind === 'used') return held.value;
    } finally {
      await store.close();
    }
  }
}
