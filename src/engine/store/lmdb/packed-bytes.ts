import { type ArtefactDigest, digestFromBytes, digestToBytes } from '../../base/digest.ts';
import type { PackFolder, PackPlace, StagedPack } from '../blobs/pack-folder.ts';
import type { SealedTable } from './sealed-table.ts';

const NAME_BYTES = 16;

/** Bytes that lie in packs. A pack is there as long as a row says that it holds something. */
export class PackedBytes {
  /** Where the bytes of a digest lie. */
  private readonly places: SealedTable;
  /** Its keys are pairs of pack and digest. */
  private readonly rows: SealedTable;
  private readonly packs: PackFolder;
  /** Packs of which something was removed in this process. */
  private readonly touched = new Set<string>();

  constructor(tables: { readonly packed: SealedTable; readonly packs: SealedTable }, packs: PackFolder) {
    this.places = tables.packed;
    this.rows = tables.packs;
    this.packs = packs;
  }

  find(digest: ArtefactDigest): PackPlace | undefined {
    const found = this.places.get(digestToBytes(digest));
    if (found?.length !== NAME_BYTES + 8) return undefined;
    return {
      pack: found.toString('hex', 0, NAME_BYTES),
      at: found.readUInt32LE(NAME_BYTES),
      bytes: found.readUInt32LE(NAME_BYTES + 4),
    };
  }

  /** The bytes as they are; undefined if the pack is missing or too short. */
  read(place: PackPlace): Uint8Array | undefined {
    return this.packs.read(place);
  }

  *all(): Iterable<{ readonly digest: ArtefactDigest; readonly bytes: number }> {
    for (const key of this.places.keys()) {
      const digest = digestFromBytes<ArtefactDigest>(key);
      const bytes = this.find(digest)?.bytes;
      if (bytes !== undefined) yield { digest, bytes };
    }
  }

  count(): number {
    return this.places.count();
  }

  /** Files that hold nothing which counts. */
  *unnamed(): Iterable<{ readonly name: string; readonly bytes: number }> {
    for (const pack of this.packs.all()) if (!this.isUsed(pack.name)) yield pack;
  }

  /** Call this and what follows only inside a transaction. */
  add(pack: StagedPack): void {
    this.packs.add(pack);
  }

  put(digest: ArtefactDigest, { pack, at, bytes }: PackPlace): void {
    const place = Buffer.alloc(NAME_BYTES + 8);
    place.write(pack, 'hex');
    place.writeUInt32LE(at, NAME_BYTES);
    place.writeUInt32LE(bytes, NAME_BYTES + 4);
    this.places.put(digestToBytes(digest), place);
    this.rows.put(rowKey(pack, digest), Buffer.alloc(0));
  }

  remove(digest: ArtefactDigest): void {
    const place = this.find(digest);
    this.places.remove(digestToBytes(digest));
    if (!place) return;
    this.rows.remove(rowKey(place.pack, digest));
    this.touched.add(place.pack);
  }

  /** Whether `sweep` may have something to do. */
  get isTouched(): boolean {
    return this.touched.size > 0;
  }

  /** Removes packs that hold nothing any more. It writes nothing to LMDB, and only needs its lock. */
  sweep(): void {
    for (const name of this.touched) if (!this.isUsed(name)) this.packs.remove(name);
    this.touched.clear();
  }

  sweepUnnamed(): void {
    for (const { name } of [...this.unnamed()]) this.packs.remove(name);
  }

  private isUsed(name: string): boolean {
    const start = Buffer.from(name, 'hex');
    const end = Buffer.concat([start, Buffer.alloc(33, 0xff)]);
    for (const _ of this.rows.keys({ start, end, limit: 1 })) return true;
    return false;
  }
}

function rowKey(pack: string, digest: ArtefactDigest): Buffer {
  return Buffer.concat([Buffer.from(pack, 'hex'), digestToBytes(digest)]);
}
