import { join } from 'node:path';
import { Failure } from '../../base/failure.ts';
import type { BundleCache } from '../../keys/bundle-cache.ts';
import { FileStates } from '../../keys/file-states.ts';
import { PackageContents, type PackageFacts } from '../../keys/package-content.ts';
import { type PackageGraph, packageGraph } from '../../keys/package-graph.ts';
import type { Job, WorkerSetup } from '../protocol.ts';

/** How many packages a message names. */
const NAMED = 3;

/**
 * Compares the packages that code reaches with those that its fingerprint holds. The text of a stage comes from the cache, but packages are loaded from where
 * they are installed, and somebody may have edited one since the run began.
 */
export class UnchangedPackages {
  readonly #excluded: readonly string[];
  readonly #bundles: Pick<BundleCache, 'packageFacts'>;
  /** What was read here, by folder. A worker executes many nodes that load the same packages. */
  readonly #read = new Map<string, PackageFacts>();

  constructor(
    { root, cacheDirectory }: Pick<WorkerSetup, 'root' | 'cacheDirectory'>,
    bundles: Pick<BundleCache, 'packageFacts'>,
  ) {
    this.#excluded = [cacheDirectory, join(root, 'results')];
    this.#bundles = bundles;
  }

  /**
   * @param folder from which the code is executed
   * @throws {Failure} kind `usage`, as for a source that changes during a run
   */
  check(packages: PackageGraph, folder: string, { stage }: Pick<Job, 'stage'>): void {
    const kept = (directory: string) => this.#read.get(directory) ?? this.#bundles.packageFacts(directory);
    const contents = new PackageContents(kept, this.#excluded);
    const found = packageGraph(Object.keys(packages.imported), folder, contents, new FileStates());
    for (const [directory, facts] of contents.takeFresh()) this.#read.set(directory, facts);
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
}
