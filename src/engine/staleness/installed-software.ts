import { FileStates } from '../keys/file-states.ts';
import { type SoftwareChange, softwareChanges } from '../keys/software/software-changes.ts';
import type { Store } from '../store/store.ts';

/** Looks up the software that results were made with. Each combination is looked up once, since many nodes share it. */
export class InstalledSoftware {
  readonly #states = new FileStates();
  readonly #known = new Map<string, readonly SoftwareChange[]>();

  /** What differs now; undefined where it is not in the cache what was used. */
  changes(digest: string, store: Pick<Store, 'software'>): readonly SoftwareChange[] | undefined {
    const known = this.#known.get(digest);
    if (known) return known;
    const used = store.software(digest);
    if (!used) return undefined;
    const found = softwareChanges(used, this.#states);
    this.#known.set(digest, found);
    return found;
  }
}
