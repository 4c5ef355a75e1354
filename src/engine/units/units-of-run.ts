import type { DeclaredCompute } from '../pipeline/pipeline.ts';
import type { SharedCacheSettings } from '../settings/settings.ts';
import type { SharedResults } from '../shared/shared-results.ts';
import type { Store } from '../store/store.ts';
import type { LinkedPackages } from './linked-packages.ts';

/** The run that units work for. */
export interface UnitsOfRun {
  readonly run: string;
  /** Folder of the pipeline file. */
  readonly root: string;
  readonly compute: DeclaredCompute | null;
  readonly store: Store;
  readonly packages: LinkedPackages;
  /** Where units leave their results too. */
  readonly shared: SharedCacheSettings | undefined;
  /** The same place, open. Large artefacts go by it where both sides reach it. */
  readonly results: SharedResults | undefined;
  /** Of vmfdag. */
  readonly version: string;
  /** What starts a unit where this machine's files are: on itself, and where its file system is shared. */
  readonly unitCommand: readonly string[];
}
