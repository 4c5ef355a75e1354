import { createReadStream, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ArtefactDigest, digestBytes } from '../../base/digest.ts';
import { Failure, isFailure } from '../../base/failure.ts';
import { printableName } from '../../base/printable.ts';
import type { ArtefactFiles, GivenArtefact, TakenArtefact, Use } from '../artefact-files.ts';
import { stampOf } from '../blobs/file-stamp.ts';
import { giveBlob, giveBytes, type Manner } from '../blobs/give-file.ts';
import { isProgram, PROGRAM_BYTES } from '../blobs/is-program.ts';
import { type PackPlace, type StagedPack, stagedPack } from '../blobs/pack-folder.ts';
import { discard, type StagedBytes, staged } from '../blobs/staged-blob.ts';
import { takeChunks, takeFile } from '../blobs/take-file.ts';
import type { WorkFolder } from '../blobs/work-folder.ts';
import { type DirectoryEntry, decodeManifest, encodeManifest } from '../directories/manifest.ts';
import { type FoundEntry, notPlain, readTree, unreadable } from '../directories/read-tree.ts';
import { UnreadableArtefact } from '../unreadable-artefact.ts';
import type { Artefacts } from './artefacts.ts';
import { storeFailure } from './failure.ts';
import type { HeldParts } from './held-parts.ts';
import type { PackedBytes } from './packed-bytes.ts';
import type { StoredBytes } from './stored-bytes.ts';

/** Files of a directory go to LMDB in transactions of at most so many bytes and files. */
const BATCH_BYTES = 8 * 1024 * 1024;
const BATCH_FILES = 4000;

/** A pack is not worth its file below this. */
const SMALLEST_PACK_BYTES = 64 * 1024;

interface Access {
  readonly directory: string;
  readonly bytes: StoredBytes;
  readonly packed: PackedBytes;
  readonly held: HeldParts;
  readonly artefacts: Artefacts;
  readonly work: WorkFolder;
  write(fact: string, puts: () => void): Promise<void>;
  /** Removes the files of blobs that are no longer named. */
  sweep(digests: readonly ArtefactDigest[]): Promise<void>;
}

interface TakenPart {
  readonly digest: ArtefactDigest;
  readonly content: StagedBytes;
}

interface Pack {
  readonly staged: StagedPack;
  readonly places: ReadonlyMap<ArtefactDigest, PackPlace>;
}

type FileManner = Pick<Manner, 'use'> & Partial<Manner>;

type TakenDirectory = Extract<TakenArtefact, { kind: 'directory' }>;

export function lmdbArtefactFiles(access: Access): ArtefactFiles {
  const { directory, bytes, packed, held, artefacts, work } = access;

  async function take(path: string, isOwn: boolean) {
    try {
      return await takeFile(path, work, isOwn);
    } catch (error) {
      throw storeFailure(error, `cannot store ${printableName(path)}`, directory);
    }
  }

  async function releaseParts(parts: Iterable<ArtefactDigest>, holder: string): Promise<void> {
    let free: readonly ArtefactDigest[] = [];
    await access.write('cannot remove the files of a directory', () => {
      free = artefacts.releaseParts([...parts], holder);
    });
    await access.sweep(free);
  }

  /** Puts the small ones among some files into a pack, except for what the store has already. */
  async function packOf(files: readonly TakenPart[]): Promise<Pack | undefined> {
    const contents = new Map<ArtefactDigest, Uint8Array>();
    for (const { digest, content } of files) {
      if (content instanceof Uint8Array && !bytes.has(digest)) contents.set(digest, content);
    }
    const total = [...contents.values()].reduce((sum, { length }) => sum + length, 0);
    if (total < SMALLEST_PACK_BYTES) return undefined;
    const pack = await stagedPack([...contents.values()], work);
    const places = new Map<ArtefactDigest, PackPlace>();
    let at = 0;
    for (const [digest, { length }] of contents) {
      places.set(digest, { pack: pack.name, at, bytes: length });
      at += length;
    }
    return { staged: pack, places };
  }

  async function takeDirectory(name: string, all: Iterable<FoundEntry>, isOwn: boolean): Promise<TakenDirectory> {
    const holder = held.newHolder();
    const entries: DirectoryEntry[] = [];
    const parts = new Set<ArtefactDigest>();
    const batch: TakenPart[] = [];
    let [batchBytes, files, total] = [0, 0, 0];
    const flush = async () => {
      const puts = batch.splice(0);
      batchBytes = 0;
      let pack: Pack | undefined;
      try {
        pack = await packOf(puts);
        await access.write('cannot write the files of a directory', () => {
          if (pack) packed.add(pack.staged);
          for (const { digest, content } of puts)
            artefacts.putPart(digest, pack?.places.get(digest) ?? content, holder);
        });
      } finally {
        for (const { content } of puts) discard(content);
        if (pack) discard(pack.staged);
      }
      for (const { digest } of puts) parts.add(digest);
    };
    try {
      // All of it is looked at before the first file is moved away: a link may lead to that one.
      for (const found of [...all]) {
        if (found.kind !== 'file') {
          entries.push(found);
          continue;
        }
        const { path, place, isExecutable } = found;
        const { content, ...taken } = await take(place, isOwn);
        entries.push({ kind: 'file', path, isExecutable, ...taken });
        files++;
        total += taken.bytes;
        batch.push({ digest: taken.digest, content });
        batchBytes += content instanceof Uint8Array ? content.length : 0;
        if (batchBytes >= BATCH_BYTES || batch.length >= BATCH_FILES) await flush();
      }
      await flush();
      const manifest = encodeManifest(entries);
      const digest = digestBytes<ArtefactDigest>(manifest);
      const content = await staged(manifest, work);
      return { kind: 'directory', digest, bytes: total, files, content, parts: [...parts], holder };
    } catch (error) {
      for (const { content } of batch) discard(content);
      // What cannot be removed now is removed by the next collection.
      await releaseParts(parts, holder).catch(() => {});
      throw storeFailure(error, `cannot store ${printableName(name)}`, directory);
    }
  }

  /** A file alone has no executable bit in the cache: there, its bytes say whether it is a program. */
  async function giveFile(digest: ArtefactDigest, path: string, manner: FileManner, links: Map<string, string>) {
    const { use, isExecutable } = manner;
    if (bytes.blobSize(digest) === undefined) {
      const content = bytes.read(digest);
      giveBytes(content, path, { use, isExecutable: isExecutable ?? isProgram(content) });
      return;
    }
    const blob = await bytes.checkedBlob(digest);
    const stamp = stampOf(blob);
    const isRun = isExecutable ?? isProgram(await bytes.part(digest, 0, PROGRAM_BYTES));
    if (await giveBlob(blob, path, { use, isExecutable: isRun })) links.set(blob, stamp);
  }

  async function giveDirectory(
    digest: ArtefactDigest,
    top: string,
    use: Use,
    links: Map<string, string>,
  ): Promise<void> {
    mkdirSync(top);
    const folders = new Set([top]);
    const folderOf = (folder: string) => {
      if (folders.has(folder)) return;
      folders.add(folder);
      mkdirSync(folder, { recursive: true });
    };
    for (const entry of decodeManifest(bytes.read(digest))) {
      const path = join(top, entry.path);
      folderOf(entry.kind === 'folder' ? path : dirname(path));
      if (entry.kind === 'link') symlinkSync(entry.target, path);
      if (entry.kind !== 'file') continue;
      try {
        await giveFile(entry.digest, path, { use, isExecutable: entry.isExecutable }, links);
      } catch (error) {
        if (!(error instanceof UnreadableArtefact)) throw error;
        throw new UnreadableArtefact(digest, directory, {
          kind: 'part',
          path: printableName(entry.path),
          reason: error,
        });
      }
    }
  }

  return {
    newPath: () => work.newPath(),

    async take(path, type, isOwn) {
      const found = statsOf(path);
      if (type === 'file') {
        if (!found.isFile()) throw notPlain(path, found);
        return { kind: 'file', ...(await take(path, isOwn)) };
      }
      if (!found.isDirectory()) throw noFolder(path);
      return takeDirectory(path, readTree(path), isOwn);
    },

    async takeBytes(name, chunks) {
      try {
        return { kind: 'file', ...(await takeChunks(chunks, work)) };
      } catch (error) {
        throw storeFailure(error, `cannot store ${printableName(name)}`, directory);
      }
    },

    takeEntries: (name, entries) => takeDirectory(name, entries, false),

    async release(taken) {
      discard(taken.content);
      // A commit that reported a failure may be on the disk all the same.
      if (taken.kind === 'directory' && held.directory(taken.digest)?.holder !== taken.holder) {
        await releaseParts(taken.parts, taken.holder);
      }
    },

    isDirectory: (digest) => held.directory(digest) !== undefined,

    async *read(digest) {
      if (bytes.blobSize(digest) === undefined) yield bytes.read(digest);
      else yield* createReadStream(await bytes.checkedBlob(digest));
    },

    part: (digest, offset, length) => bytes.part(digest, offset, length),

    entries: (digest) => (held.directory(digest) ? decodeManifest(bytes.read(digest)) : undefined),

    async give(digest, path, use): Promise<GivenArtefact> {
      const links = new Map<string, string>();
      try {
        if (held.directory(digest)) await giveDirectory(digest, path, use, links);
        else await giveFile(digest, path, { use }, links);
      } catch (error) {
        throw isFailure(error) ? error : unwritable(path, error);
      }
      return { isUnchanged: () => [...links].every(([blob, stamp]) => stampOf(blob) === stamp) };
    },
  };
}

function statsOf(path: string) {
  try {
    return lstatSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function noFolder(path: string): Failure {
  return new Failure('stage', {
    fact: `${printableName(path)} is no folder`,
    fix: 'write a folder there, or declare the output as file',
  });
}

function unwritable(path: string, error: unknown): Failure {
  // A full disk fails whatever is written next too, and no stage is its cause.
  const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC';
  return new Failure(
    isFull ? 'store' : 'environment',
    {
      fact: `cannot write ${printableName(path)} (${printableName((error as Error).message)})`,
      fix: 'make room on the disk, and leave nothing at that path',
    },
    { cause: error },
  );
}
