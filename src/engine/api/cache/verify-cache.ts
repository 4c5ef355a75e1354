import { quarantineDamage, type Verification, verifyStore } from '../../store/verify.ts';
import { withStore } from './open-cache.ts';

/** Hashes everything in a cache. What is damaged is quarantined, unless the cache cannot be written. */
export function verifyCache(cacheDirectory: string): Promise<Verification & { readonly quarantined: boolean }> {
  return withStore(cacheDirectory, async (store) => {
    store.checkFile();
    const found = verifyStore(store);
    const quarantined = store.access === 'write';
    if (quarantined) await quarantineDamage(store, found.damage);
    return { ...found, quarantined };
  });
}
