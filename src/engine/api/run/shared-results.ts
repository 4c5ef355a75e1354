import type { RunEvent } from '../../run/events.ts';
import type { SharedCacheSettings } from '../../settings/settings.ts';
import type { SharedResults } from '../../shared/shared-results.ts';
import type { Store } from '../../store/store.ts';

/**
 * Opens the shared cache of the settings, if they name one. Close it at the end.
 * @param use a run goes on without one that is slow
 * @param warn called at most once, when it is not asked any more
 */
export async function openSharedResults(
  settings: SharedCacheSettings | undefined,
  store: Store,
  use: 'run' | 'copy',
  warn: (fact: string) => void,
): Promise<SharedResults | undefined> {
  if (!settings) return undefined;
  // Most runs need none of this, and loading HTTP takes longer than looking at a thousand nodes.
  const [{ openSharedCache }, { SharedResults }] = await Promise.all([
    import('../../shared/open-shared-cache.ts'),
    import('../../shared/shared-results.ts'),
  ]);
  const cache = openSharedCache(settings, process.env, use === 'copy', warn);
  return new SharedResults(cache, store, settings.mode === 'read-write');
}

/** The event that says so. */
export function sharedCacheWarning(fact: string): RunEvent {
  const fix = 'see how it answers from here; "vmfdag cache pull" and "vmfdag cache push" wait as long as it takes';
  return { type: 'warning', diagnostic: { fact: `the run goes on without the shared cache: ${fact}`, fix } };
}
