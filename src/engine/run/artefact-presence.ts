import type { ArtefactDigest } from '../base/digest.ts';
import type { Store } from '../store/store.ts';

/** Knows which bytes are in the store, also while some are being dropped. */
export class ArtefactPresence {
  private readonly store: Store;
  private readonly dropped = new Set<ArtefactDigest>();
  private dropping: Promise<void> | undefined;

  constructor(store: Store) {
    this.store = store;
  }

  has(digest: ArtefactDigest): boolean {
    return !this.dropped.has(digest) && this.store.hasArtefact(digest);
  }

  /** A node that has just been executed made these. */
  put(digests: readonly ArtefactDigest[]): void {
    for (const digest of digests) this.dropped.delete(digest);
  }

  /**
   * Drops what `next` names, then what it names by then, until that is nothing. While one transaction is under way the next one
   * gathers, so that many small drops make few transactions.
   */
  drop(next: () => readonly ArtefactDigest[]): void {
    if (this.dropping) return;
    const first = this.present(next());
    if (first.length === 0) return;
    this.dropping = this.dropAll(first, next);
    // One that fails stays, and fails whoever waits for it.
    this.dropping.catch(() => {});
  }

  /** Nothing while nothing is being dropped. */
  settled(): Promise<void> | undefined {
    return this.dropping;
  }

  private async dropAll(first: readonly ArtefactDigest[], next: () => readonly ArtefactDigest[]): Promise<void> {
    for (let digests = first; digests.length > 0; digests = this.present(next())) {
      for (const digest of digests) this.dropped.add(digest);
      await this.store.dropArtefacts(digests);
    }
    this.dropping = undefined;
  }

  private present(digests: readonly ArtefactDigest[]): readonly ArtefactDigest[] {
    return digests.filter((digest) => this.has(digest));
  }
}
