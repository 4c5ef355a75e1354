import type { ArtefactDigest } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import type { TakenArtefact } from '../artefact-files.ts';
import type { PackPlace } from '../blobs/pack-folder.ts';
import type { StagedBytes } from '../blobs/staged-blob.ts';
import { decodeManifest } from '../directories/manifest.ts';
import type { StoredArtefact } from '../stored-artefact.ts';
import type { HeldParts, Holder } from './held-parts.ts';
import type { StoredBytes } from './stored-bytes.ts';

/**
 * Artefacts: bytes, and directories with their parts. A directory is there whole or not at all. All that writes is called inside a transaction, and
 * the digests that it returns are those of bytes that are no longer named: `StoredBytes.sweep` removes their files once it is committed.
 */
export class Artefacts {
  private readonly bytes: StoredBytes;
  private readonly held: HeldParts;

  constructor(bytes: StoredBytes, held: HeldParts) {
    this.bytes = bytes;
    this.held = held;
  }

  put(digest: ArtefactDigest, content: StagedBytes | TakenArtefact): void {
    if ('kind' in content && content.kind === 'directory') this.putDirectory(content);
    else this.bytes.put(digest, 'kind' in content ? content.content : content);
    // Otherwise it would go with the directory that has the same bytes.
    if (this.held.isHeld(digest)) this.held.holdAsOutput(digest);
  }

  /** Puts a file of a directory that is being stored. */
  putPart(digest: ArtefactDigest, content: StagedBytes | PackPlace, holder: Holder): void {
    const isOutput = this.bytes.has(digest) && this.held.holders(digest).length === 0;
    this.bytes.put(digest, content);
    if (isOutput) this.held.holdAsOutput(digest);
    this.held.hold(digest, holder);
  }

  private putDirectory({
    digest,
    content,
    parts,
    holder,
    files,
    bytes,
  }: Extract<TakenArtefact, { kind: 'directory' }>) {
    if (this.held.directory(digest) && this.bytes.has(digest)) {
      // The one that is there holds the same parts.
      this.releaseParts(parts, holder);
      return;
    }
    if (!parts.every((part) => this.bytes.has(part))) {
      throw new Failure('store', {
        fact: 'a file of a directory was taken out of the cache while the directory was being stored',
        fix: 'run again; "vmfdag cache verify" tells what is damaged',
      });
    }
    this.bytes.put(digest, content);
    this.held.addDirectory(digest, { holder, files, bytes });
  }

  /** @returns what nothing holds any more */
  releaseParts(parts: readonly ArtefactDigest[], holder: Holder): readonly ArtefactDigest[] {
    const free = parts.filter((part) => this.held.release(part, holder));
    for (const part of free) this.bytes.remove(part);
    return free;
  }

  /** Evicts an artefact, and the parts that no other directory has. */
  drop(digest: ArtefactDigest): readonly ArtefactDigest[] {
    if (!this.held.releaseAsOutput(digest)) return [];
    const parts = this.dropDirectory(digest);
    this.bytes.remove(digest);
    return [digest, ...parts];
  }

  private dropDirectory(manifest: ArtefactDigest): readonly ArtefactDigest[] {
    const directory = this.held.directory(manifest);
    if (!directory) return [];
    const parts = this.partsOf(manifest) ?? this.rowsOf(directory.holder);
    this.held.removeDirectory(manifest);
    return this.releaseParts(parts, directory.holder);
  }

  /** The parts of a directory, each once; undefined if the manifest cannot be read. */
  partsOf(manifest: ArtefactDigest): readonly ArtefactDigest[] | undefined {
    try {
      const files = decodeManifest(this.bytes.read(manifest)).flatMap((entry) =>
        entry.kind === 'file' ? [entry.digest] : [],
      );
      return [...new Set(files)];
    } catch {
      return undefined;
    }
  }

  private rowsOf(wanted: Holder): readonly ArtefactDigest[] {
    return [...this.held.allRows()].flatMap(({ part, holder }) => (holder === wanted ? [part] : []));
  }

  /** What has to be quarantined of an artefact that was found to be damaged. Of a directory, it may be a few files. */
  damagedBytes(digest: ArtefactDigest): readonly ArtefactDigest[] {
    if (!this.held.directory(digest)) return [digest];
    return [digest, ...(this.partsOf(digest) ?? [])].filter((each) => !this.bytes.isSound(each));
  }

  /** The stored directories that have one of these parts. */
  directoriesWith(parts: readonly ArtefactDigest[]): readonly ArtefactDigest[] {
    const holders = new Set(parts.flatMap((part) => this.held.holders(part)));
    if (holders.size === 0) return [];
    return [...this.held.allDirectories()].flatMap(({ holder, manifest }) => (holders.has(holder) ? [manifest] : []));
  }

  /** Takes damaged bytes out of use, and with them the directories that they belong to. */
  quarantine(damaged: readonly ArtefactDigest[], directories: readonly ArtefactDigest[]): readonly ArtefactDigest[] {
    for (const digest of damaged) this.bytes.quarantine(digest);
    const freed = directories.flatMap((manifest) => [manifest, ...this.dropDirectory(manifest)]);
    for (const digest of directories) this.bytes.remove(digest);
    for (const digest of damaged) this.held.releaseAll(digest);
    return [...freed, ...damaged];
  }

  /**
   * What a user would call an artefact, with all of its bytes: a directory has those of its parts. A part that several directories have counts for
   * one of them. What a killed process has left is an artefact of no record.
   */
  *all(): Iterable<StoredArtefact> {
    const directories = new Map([...this.held.allDirectories()].map(({ holder, manifest }) => [holder, manifest]));
    const extra = new Map<ArtefactDigest, number>();
    const parts = new Set<ArtefactDigest>();
    for (const { part, holders } of this.grouped()) {
      const manifest = holders.map((holder) => directories.get(holder)).find((found) => found !== undefined);
      if (manifest === undefined || this.held.isOutput(part)) continue;
      parts.add(part);
      extra.set(manifest, (extra.get(manifest) ?? 0) + (this.bytes.size(part) ?? 0));
    }
    for (const { digest, bytes } of this.bytes.all()) {
      if (!parts.has(digest)) yield { digest, bytes: bytes + (extra.get(digest) ?? 0) };
    }
  }

  private *grouped(): Iterable<{ readonly part: ArtefactDigest; readonly holders: readonly Holder[] }> {
    let group: { readonly part: ArtefactDigest; readonly holders: Holder[] } | undefined;
    for (const { part, holder } of this.held.allRows()) {
      if (group?.part === part) {
        group.holders.push(holder);
        continue;
      }
      if (group) yield group;
      group = { part, holders: [holder] };
    }
    if (group) yield group;
  }

  /** Removes rows of processes that were killed while they stored a directory, and the bytes that only they hold. */
  releaseAbandoned(): readonly ArtefactDigest[] {
    const live = new Set([...this.held.allDirectories()].map(({ holder }) => holder));
    return [...this.held.allRows()]
      .filter(({ holder }) => !this.held.isLive(holder, live))
      .flatMap(({ part, holder }) => this.releaseParts([part], holder));
  }
}
