import type { ArtefactDigest } from '../../base/digest.ts';
import type { Store } from '../../store/store.ts';

/** Keeps the bytes that were used last, so that a chain's next epoch, and a dataset that every epoch reads, are not read and hashed anew. */
export class ArtefactMemory {
  private readonly store: Store;
  private readonly limitBytes: number;
  private readonly kept = new Map<ArtefactDigest, Uint8Array>();
  private bytes = 0;

  constructor(store: Store, limitBytes: number) {
    this.store = store;
    this.limitBytes = limitBytes;
  }

  /** The artefact's bytes, in a copy that the caller may do with as it likes. */
  read(digest: ArtefactDigest): Uint8Array {
    return copyOf(this.view(digest));
  }

  /** The artefact's bytes, which are not to be changed. They may lie at any offset. */
  view(digest: ArtefactDigest): Uint8Array {
    const found = this.kept.get(digest);
    if (found) {
      // Moved to the end: the map's order is that of last use.
      this.kept.delete(digest);
      this.kept.set(digest, found);
      return found;
    }
    const bytes = this.store.artefact(digest);
    this.keep(digest, bytes);
    return bytes;
  }

  /**
   * Gives up the store's snapshot, which a stage that computes without a break would hold all that time: pages that others free
   * could not be used again, and the file would grow.
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

/** In memory of its own, aligned for typed arrays: `slice` of a Buffer would be a view of the same bytes, at any offset. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
