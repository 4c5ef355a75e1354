import { constants } from 'node:buffer';
import type { Database } from 'lmdb';
import { type ArtefactDigest, digestBytes, digestFromBytes, digestToBytes, shortDigest } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import type { BlobFolder } from '../blobs/blob-folder.ts';
import { digestOfFile, digestOfMany, hashHandle, readWhole, withHandle } from '../blobs/file-bytes.ts';
import { stampOf } from '../blobs/file-stamp.ts';
import type { PackPlace } from '../blobs/pack-folder.ts';
import type { StagedBytes } from '../blobs/staged-blob.ts';
import type { StoredArtefact } from '../stored-artefact.ts';
import { UnreadableArtefact } from '../unreadable-artefact.ts';
import { decodedOr, decodeJson, encodeJson } from './encoding.ts';
import type { PackedBytes } from './packed-bytes.ts';
import { entryCount, type SealedTable } from './sealed-table.ts';

type Table = Database<Buffer, Buffer>;

/** Bytes by digest: small ones in LMDB, those of directories in packs, large ones in blobs. Tables of LMDB say which packs and blobs count. */
export class StoredBytes {
  private readonly inline: Table;
  /** The number of bytes of each blob. */
  private readonly named: SealedTable;
  private readonly damaged: Table;
  private readonly blobs: BlobFolder;
  private readonly packed: PackedBytes;
  private readonly directory: string;
  /** Blobs that were hashed, with their stamps at that time. */
  private readonly checked = new Map<ArtefactDigest, string>();

  constructor(
    tables: { readonly artefacts: Table; readonly blobs: SealedTable; readonly quarantine: Table },
    blobs: BlobFolder,
    packed: PackedBytes,
    directory: string,
  ) {
    this.inline = tables.artefacts;
    this.named = tables.blobs;
    this.damaged = tables.quarantine;
    this.blobs = blobs;
    this.packed = packed;
    this.directory = directory;
  }

  has(digest: ArtefactDigest): boolean {
    const key = digestToBytes(digest);
    return this.inline.doesExist(key) || this.named.get(key) !== undefined || this.packed.find(digest) !== undefined;
  }

  /** The number of bytes; undefined if they are missing. */
  size(digest: ArtefactDigest): number | undefined {
    const key = digestToBytes(digest);
    // The length alone: LMDB's own memory need not be copied for that.
    return this.inline.getBinaryFast(key)?.length ?? this.blobSize(digest) ?? this.packed.find(digest)?.bytes;
  }

  /** The number of bytes of a blob; undefined for anything else. */
  blobSize(digest: ArtefactDigest): number | undefined {
    const found = this.named.get(digestToBytes(digest));
    return found && decodedOr(() => decodeJson<number>(found));
  }

  /** @throws {UnreadableArtefact} */
  read(digest: ArtefactDigest): Uint8Array {
    const owned = this.copy(digest);
    const actual = digestOfMany(owned);
    if (actual !== digest) throw new UnreadableArtefact(digest, this.directory, { kind: 'damaged', actual });
    return owned;
  }

  isSound(digest: ArtefactDigest): boolean {
    const found = this.inline.getBinaryFast(digestToBytes(digest));
    if (found) return digestBytes<ArtefactDigest>(found.subarray(0, found.length)) === digest;
    const place = this.packed.find(digest);
    if (place) {
      const bytes = this.packed.read(place);
      return bytes !== undefined && digestBytes<ArtefactDigest>(bytes) === digest;
    }
    return this.blobs.find(digest) !== undefined && digestOfFile(this.blobs.place(digest)) === digest;
  }

  /** The bytes as they are, in a copy of the caller's own. */
  private copy(digest: ArtefactDigest): Uint8Array {
    const found = this.inline.getBinaryFast(digestToBytes(digest));
    if (found) {
      // LMDB's own memory, or a larger buffer that the next read overwrites: only a copy is safe to keep.
      const owned = new Uint8Array(found.length);
      owned.set(found.subarray(0, found.length));
      return owned;
    }
    const place = this.packed.find(digest);
    if (place) return this.packed.read(place) ?? this.lost(digest, `packs/${place.pack}`);
    const bytes = this.blobSize(digest);
    if (bytes === undefined) throw this.missing(digest);
    if (bytes > constants.MAX_LENGTH) throw beyondMemory(digest, bytes);
    return readWhole(this.blobFile(digest));
  }

  /**
   * The file of a blob.
   * @throws {UnreadableArtefact} if it is not there
   */
  blobFile(digest: ArtefactDigest): string {
    const file = this.blobs.place(digest);
    return this.blobs.find(digest) ? file : this.lost(digest, file);
  }

  /**
   * The file of a blob, after a check of its digest. It is hashed once in this process, and again when it has changed.
   * @throws {UnreadableArtefact}
   */
  async checkedBlob(digest: ArtefactDigest): Promise<string> {
    const file = this.blobFile(digest);
    const stamp = stampOf(file);
    if (this.checked.get(digest) === stamp) return file;
    const { digest: actual } = await withHandle(file, 'r', (handle) => hashHandle(handle));
    if (actual !== digest) throw new UnreadableArtefact(digest, this.directory, { kind: 'damaged', actual });
    this.checked.set(digest, stamp);
    return file;
  }

  /** A part of the bytes, which are checked as a whole where they are no blob. @throws {UnreadableArtefact} */
  async part(digest: ArtefactDigest, offset: number, length: number): Promise<Uint8Array> {
    if (this.blobSize(digest) === undefined) return this.read(digest).slice(offset, offset + length);
    return withHandle(this.blobFile(digest), 'r', async (handle) => {
      const part = new Uint8Array(Math.max(0, Math.min(length, (await handle.stat()).size - offset)));
      const { bytesRead } = await handle.read(part, 0, part.length, offset);
      return part.subarray(0, bytesRead);
    });
  }

  private lost(digest: ArtefactDigest, file: string): never {
    throw new UnreadableArtefact(digest, this.directory, { kind: 'lost', file });
  }

  private missing(digest: ArtefactDigest): UnreadableArtefact {
    return new UnreadableArtefact(digest, this.directory, { kind: 'missing' });
  }

  *all(): Iterable<StoredArtefact> {
    yield* sizes(this.inline);
    for (const key of this.named.keys()) {
      const digest = digestFromBytes<ArtefactDigest>(key);
      const bytes = this.blobSize(digest);
      if (bytes !== undefined) yield { digest, bytes };
    }
    yield* this.packed.all();
  }

  /** How many there are under digests of their own. */
  count(): number {
    return entryCount(this.inline) + this.named.count() + this.packed.count();
  }

  /** Files that no transaction has named, or whose removal was interrupted. */
  *unnamed(): Iterable<{ readonly bytes: number }> {
    yield* this.unnamedBlobs();
    yield* this.packed.unnamed();
  }

  private *unnamedBlobs(): Iterable<StoredArtefact> {
    for (const blob of this.blobs.all()) if (!this.named.has(digestToBytes(blob.digest))) yield blob;
  }

  *quarantined(): Iterable<StoredArtefact> {
    yield* sizes(this.damaged);
    yield* this.blobs.quarantined();
  }

  /** Call this and what follows only inside a transaction. Bytes that are there stay. */
  put(digest: ArtefactDigest, content: StagedBytes | PackPlace): void {
    if (this.has(digest)) return;
    const key = digestToBytes(digest);
    if (content instanceof Uint8Array) {
      this.inline.put(key, Buffer.from(content.buffer, content.byteOffset, content.byteLength));
    } else if ('pack' in content) this.packed.put(digest, content);
    else {
      this.blobs.add(content.file, digest);
      this.named.put(key, encodeJson(content.bytes));
    }
  }

  /** The file of a blob stays until `sweep`: the transaction may fail. */
  remove(digest: ArtefactDigest): void {
    const key = digestToBytes(digest);
    this.inline.remove(key);
    this.named.remove(key);
    this.packed.remove(digest);
  }

  /** Takes damaged bytes out of use, and keeps them for inspection. */
  quarantine(digest: ArtefactDigest): void {
    const key = digestToBytes(digest);
    const place = this.packed.find(digest);
    const bytes = this.inline.get(key) ?? (place && this.packed.read(place));
    if (bytes) this.damaged.put(key, Buffer.from(bytes));
    this.blobs.setApart(digest);
    this.remove(digest);
  }

  clearQuarantine(): void {
    for (const key of [...this.damaged.getKeys()]) this.damaged.remove(key);
    this.blobs.clearQuarantine();
  }

  /** Whether one of those that were removed has left a file to sweep. */
  isToSweep(removed: readonly ArtefactDigest[]): boolean {
    return this.packed.isTouched || removed.some((digest) => this.blobs.find(digest));
  }

  /** Removes the files of what is no longer named. It writes nothing to LMDB, and only needs its lock. */
  sweep(removed: readonly ArtefactDigest[]): void {
    for (const digest of removed) if (!this.named.has(digestToBytes(digest))) this.blobs.remove(digest);
    this.packed.sweep();
  }

  /** Removes all files that nothing names. */
  sweepUnnamed(): void {
    for (const { digest } of [...this.unnamedBlobs()]) this.blobs.remove(digest);
    this.packed.sweepUnnamed();
  }
}

function* sizes(table: Table): Iterable<StoredArtefact> {
  for (const key of table.getKeys()) {
    const digest = digestFromBytes<ArtefactDigest>(Buffer.from(key as Uint8Array));
    yield { digest, bytes: table.getBinaryFast(digestToBytes(digest))?.length ?? 0 };
  }
}

function beyondMemory(digest: ArtefactDigest, bytes: number): Failure {
  return new Failure('usage', {
    fact: `the artefact ${shortDigest(digest)} has ${bytes.toLocaleString('en')} bytes; this Node holds at most ${constants.MAX_LENGTH.toLocaleString('en')} as one value`,
    fix: 'declare the input as one(file), which gives its path',
  });
}
