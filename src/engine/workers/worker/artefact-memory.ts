import type { ArtefactDigest } from '../../base/digest.ts';
import type { Store } from '../../store/store.ts';

/** Keeps the bytes that were used last. So a chain's next epoch, and a dataset that every epoch reads, need not be read and hashed again. */
export class ArtefactMemory {
  private readonly store: Store;
  private readonly limitBytes: number;
  private readonly kept = new Map<ArtefactDigest, Uint8Array>();
  private bytes = 0;

  constructor(store: Store, limitBytes: number) {
    this.store = store;
    this.limitBytes = limitBytes;
  }

  /** The artefact's bytes, in a copy that belongs to the caller. */
  read(digest: ArtefactDigest): Uint8Array {
    return copyOf(this.view(digest));
  }

  /** The artefact's bytes, which must not be changed. They may lie at any offset. */
  view(digest: ArtefactDigest): Uint8Array {
    const found = this.kept.get(digest);
    if (found) {
      // Moved to the end: the map is in the order of last use.
      this.kept.delete(digest);
      this.kept.set(digest, found);
      return found;
    }
    const bytes = this.store.artefact(digest);
    this.keep(digest, bytes);
    return bytes;
  }

  /**
   * Gives up the store's snapshot. A stage that computes without a break would hold it all that time. Then pages that others free
   * could not be reused, and the file would grow.
   */
  endReading(): void {
    this.store.refresh();
  }

  /** Keeps bytes that nobody will change any more. */
  keep(digest: ArtefactDigest, bytes: Uint8Array): void {
    if (this.kept.has(digest) || bytes.length > this.limitBytes) return;
    this.kept.set(digest, bytes);
    this.bytes += bytes.length;
    for (const [oldest, dropped] of this.kept) {
      if (this.bytes <= this.limitBytes) break;
      this.kept.delete(oldest);
      this.bytes -= dropped.length;
    }
  }
}

/** A copy in memory of its own, aligned for typed arrays: `slice` of a Buffer would be a view of the same bytes, at any offset. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
