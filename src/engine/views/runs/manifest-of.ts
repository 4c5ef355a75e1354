import { Failure } from '../../base/failure.ts';
import type { RunManifest } from '../../store/run-manifest.ts';
import type { RunRecord, Store } from '../../store/store.ts';

/**
 * What a run resolved to.
 * @throws {Failure} kind `usage` where nothing is kept of that
 */
export function manifestOf(run: RunRecord, store: Store): RunManifest {
  const manifest = store.manifest(run.id);
  if (manifest) return manifest;
  throw new Failure('usage', {
    fact: `the results of run ${run.id} are not recorded`,
    fix: 'it was killed at once, or was made by an earlier version: choose another one of "vmfdag history"',
  });
}
