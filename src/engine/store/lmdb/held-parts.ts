import { randomBytes } from 'node:crypto';
import { type ArtefactDigest, digestFromBytes, digestToBytes } from '../../base/digest.ts';
import { decodedOr, decodeJson, encodeJson } from './encoding.ts';
import type { SealedTable } from './sealed-table.ts';

/** What holds a part: a directory that is stored, or one that is being stored. Hexadecimal. */
export type Holder = string;

const DIGEST_BYTES = 32;
const HOLDER_BYTES = 16;

/** Holds what is an output of its own too: bytes of a directory that goes stay if this has them. */
const OUTPUT: Holder = '0'.repeat(2 * HOLDER_BYTES);

/** A directory that is stored: all its parts are. */
export interface StoredDirectory {
  readonly holder: Holder;
  /** Of all its files. */
  readonly files: number;
  readonly bytes: number;
}

/**
 * Which directories hold which parts. A part is there once, whatever holds it, and goes with the last holder. Rows whose holder is no stored
 * directory are those of a process that stores one now, or was killed.
 */
export class HeldParts {
  /** By the digest of the manifest. */
  private readonly directories: SealedTable;
  /** Its keys are pairs of part and holder. */
  private readonly rows: SealedTable;

  constructor(tables: { readonly directories: SealedTable; readonly parts: SealedTable }) {
    this.directories = tables.directories;
    this.rows = tables.parts;
  }

  newHolder(): Holder {
    return randomBytes(HOLDER_BYTES).toString('hex');
  }

  directory(manifest: ArtefactDigest): StoredDirectory | undefined {
    const found = this.directories.get(digestToBytes(manifest));
    return found && decodedOr(() => decodeJson<StoredDirectory>(found));
  }

  *allDirectories(): Iterable<StoredDirectory & { readonly manifest: ArtefactDigest }> {
    for (const { key, value } of this.directories.entries()) {
      const directory = decodedOr(() => decodeJson<StoredDirectory>(value));
      if (directory) yield { ...directory, manifest: digestFromBytes<ArtefactDigest>(key) };
    }
  }

  /** In the order of the parts. */
  *allRows(): Iterable<{ readonly part: ArtefactDigest; readonly holder: Holder }> {
    for (const key of this.rows.keys()) yield partsOfKey(key);
  }

  holders(part: ArtefactDigest): readonly Holder[] {
    const bounds = { start: rowKey(part, OUTPUT), end: Buffer.concat([digestToBytes(part), Buffer.alloc(17, 0xff)]) };
    return [...this.rows.keys(bounds)].map((key) => partsOfKey(key).holder);
  }

  isHeld(part: ArtefactDigest): boolean {
    // Most caches have no directories, and a range takes longer than all else in the commit of a short node.
    return this.rows.count() > 0 && this.holders(part).length > 0;
  }

  isOutput(part: ArtefactDigest): boolean {
    return this.rows.has(rowKey(part, OUTPUT));
  }

  /** Call this and what follows only inside a transaction. */
  hold(part: ArtefactDigest, holder: Holder): void {
    this.rows.put(rowKey(part, holder), Buffer.alloc(0));
  }

  /** @returns whether nothing holds the part any more */
  release(part: ArtefactDigest, holder: Holder): boolean {
    this.rows.remove(rowKey(part, holder));
    return this.holders(part).length === 0;
  }

  holdAsOutput(part: ArtefactDigest): void {
    this.hold(part, OUTPUT);
  }

  /** @returns whether nothing holds the part any more */
  releaseAsOutput(part: ArtefactDigest): boolean {
    return this.release(part, OUTPUT);
  }

  releaseAll(part: ArtefactDigest): void {
    for (const holder of this.holders(part)) this.rows.remove(rowKey(part, holder));
  }

  addDirectory(manifest: ArtefactDigest, directory: StoredDirectory): void {
    this.directories.put(digestToBytes(manifest), encodeJson({ ...directory }));
  }

  removeDirectory(manifest: ArtefactDigest): void {
    this.directories.remove(digestToBytes(manifest));
  }

  /** Whether a holder is one of those, or stands for an output. */
  isLive(holder: Holder, directories: ReadonlySet<Holder>): boolean {
    return holder === OUTPUT || directories.has(holder);
  }
}

function rowKey(part: ArtefactDigest, holder: Holder): Buffer {
  return Buffer.concat([digestToBytes(part), Buffer.from(holder, 'hex')]);
}

function partsOfKey(key: Buffer): { readonly part: ArtefactDigest; readonly holder: Holder } {
  return {
    part: digestFromBytes<ArtefactDigest>(key.subarray(0, DIGEST_BYTES)),
    holder: key.toString('hex', DIGEST_BYTES),
  };
}
