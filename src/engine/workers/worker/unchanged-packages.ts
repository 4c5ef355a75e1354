import { dirname, join } from 'node:path';
import { Failure } from '../../base/failure.ts';
import type { BundleCache, ModuleCode } from '../../keys/bundle-cache.ts';
import { FileStates } from '../../keys/file-states.ts';
import { PackageContents } from '../../keys/package-content.ts';
import { packageGraph } from '../../keys/package-graph.ts';
import type { Job, WorkerSetup } from '../protocol.ts';

/** How many packages a message names. */
const NAMED = 3;

/**
 * Compares the packages that code reaches with those that its fingerprint holds. Its own text comes from the cache, but packages are loaded from where
 * they are installed, and somebody may have edited one since the run began.
 * @param file from which the code is executed
 * @throws {Failure} kind `usage`, as for a source that changes during a run
 */
export function checkPackages(
  { packages }: ModuleCode,
  file: string,
  { root, cacheDirectory }: Pick<WorkerSetup, 'root' | 'cacheDirectory'>,
  { stage }: Pick<Job, 'stage'>,
  bundles: Pick<BundleCache, 'packageFacts'>,
): void {
  const contents = new PackageContents(
    (folder) => bundles.packageFacts(folder),
    [cacheDirectory, join(root, 'results')],
  );
  const found = packageGraph(Object.keys(packages.imported), dirname(file), contents, new FileStates());
  if (JSON.stringify(found) === JSON.stringify(packages)) return;
  const present = new Set(found.packages.map(({ name, content }) => `${name} ${content}`));
  const changed = packages.packages.filter(({ name, content }) => !present.has(`${name} ${content}`));
  const names = changed.map(({ name }) => name).slice(0, NAMED);
  const more = changed.length > NAMED ? ` and ${changed.length - NAMED} more` : '';
  throw new Failure('usage', {
    fact: `stage ${stage} would load packages that have changed after the run had begun: ${names.join(', ') || 'other ones are installed'}${more}`,
    fix: 'run again',
  });
}
