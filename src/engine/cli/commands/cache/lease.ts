import { withLease } from '../../../api/hold-lease.ts';
import { describeHolder } from '../../../run/lease.ts';
import type { InspectableStore } from '../../../store/inspection.ts';
import { openStore } from '../../../store/lmdb/lmdb-store.ts';
import { useReserve } from '../../../store/lmdb/room.ts';
import { EXIT } from '../../exit-codes.ts';
import { errorLine } from '../../output.ts';

/** Opens the cache while no other process runs on it. Returns the exit code. */
export async function alone(
  cacheDirectory: string,
  use: (store: InspectableStore, lease: string) => Promise<number>,
): Promise<number> {
  const held = await withLease(
    {
      cacheDirectory,
      command: ['vmfdag', ...process.argv.slice(2)].join(' '),
      wait: true,
      onWaiting: (holder) => errorLine(`waiting for a run on this cache: ${describeHolder(holder)}`),
    },
    async (lease) => {
      useReserve(cacheDirectory);
      const store = openStore(cacheDirectory);
      try {
        return await use(lease.rule(store), lease.token);
      } finally {
        await store.close();
      }
    },
  );
  return held.kind === 'used' ? held.value : EXIT.interrupted;
}
