import { type Compaction, compactStore } from '../../store/lmdb/compact.ts';
import { type LeaseOptions, type LeaseUse, whileAlone } from './open-cache.ts';

/** Gives freed space in the cache's file back to the disk. */
export function compactCache(options: LeaseOptions): Promise<LeaseUse<Compaction>> {
  return whileAlone({ ...options, makesRoom: true }, (store) => compactStore(store, options.cacheDirectory));
}
