import { closeSync, constants, fstatSync, openSync, readSync, rmSync, type Stats } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { type ArtefactDigest, digestBytes } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import { printableName } from '../../base/printable.ts';
import { notPlain, unreadable } from '../directories/read-tree.ts';
import { LARGEST_INLINE_BYTES } from './blob-folder.ts';
import { chunksOf, type HashedBytes, hashHandle, withHandle, writeHashed } from './file-bytes.ts';
import type { StagedBytes } from './staged-blob.ts';
import type { WorkFolder } from './work-folder.ts';

/** Opening a pipe would wait for a writer, and a link may lead anywhere. */
const PLAIN_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface TakenBytes extends HashedBytes {
  readonly content: StagedBytes;
}

/**
 * Reads a file once, and hashes what it keeps. A large file is never in memory: it is moved, cloned or copied to the work folder.
 * @param isOwn whether nobody else needs the file, so that it may be moved
 * @throws {Failure} kind `stage` for what is no plain file, cannot be read, or changes meanwhile
 */
export async function takeFile(place: string, work: WorkFolder, isOwn: boolean): Promise<TakenBytes> {
  const small = readSmall(place);
  return small ?? stageLarge(place, work, isOwn);
}

/** Hashes and keeps bytes as they come: many of them in a file of the work folder. */
export async function takeChunks(chunks: AsyncIterable<Uint8Array>, work: WorkFolder): Promise<TakenBytes> {
  const source = chunks[Symbol.asyncIterator]();
  let file: string | undefined;
  try {
    const first: Uint8Array[] = [];
    for (let bytes = 0; bytes <= LARGEST_INLINE_BYTES; ) {
      const next = await source.next();
      if (next.done) {
        const content = Uint8Array.from(Buffer.concat(first));
        return { digest: digestBytes<ArtefactDigest>(content), bytes, content };
      }
      first.push(next.value);
      bytes += next.value.length;
    }
    file = work.newPath();
    const hashed = await withHandle(file, 'wx', async (handle) => {
      const written = await writeHashed(handle, continued(first, source));
      await handle.chmod(0o444);
      await handle.sync();
      return written;
    });
    return { ...hashed, content: { file, bytes: hashed.bytes } };
  } catch (error) {
    if (file !== undefined) rmSync(file, { force: true });
    throw error;
  } finally {
    await source.return?.();
  }
}

async function* continued(first: readonly Uint8Array[], source: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* first;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}

/** Undefined for a file that is too large. Without waiting: a directory may have tens of thousands of them. */
function readSmall(place: string): TakenBytes | undefined {
  const descriptor = opened(place);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw notPlain(place, found);
    if (found.size > LARGEST_INLINE_BYTES) return undefined;
    const read = new Uint8Array(found.size + 1);
    let length = 0;
    for (let count = 1; count > 0 && length <= found.size; length += count) {
      count = readSync(descriptor, read, length, read.length - length, null);
    }
    if (length !== found.size) throw changed(place);
    const content = read.slice(0, length);
    return { digest: digestBytes<ArtefactDigest>(content), bytes: length, content };
  } finally {
    closeSync(descriptor);
  }
}

function opened(place: string): number {
  try {
    return openSync(place, PLAIN_ONLY);
  } catch (error) {
    throw unreadable(place, error);
  }
}

async function stageLarge(place: string, work: WorkFolder, isOwn: boolean): Promise<TakenBytes> {
  const file = work.newPath();
  try {
    const hashed = await withHandle(place, PLAIN_ONLY, async (source) => {
      const before = await source.stat();
      if (isOwn && before.nlink === 1 && (await isDone(rename(place, file)))) return hashHandle(source);
      if (await isDone(copyFile(place, file, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE))) {
        return withHandle(file, 'r', (clone) => hashHandle(clone));
      }
      const copied = await withHandle(file, 'wx', (copy) => writeHashed(copy, chunksOf(source)));
      if (isChanged(before, await source.stat())) throw changed(place);
      return copied;
    });
    await withHandle(file, 'r', async (written) => {
      await written.chmod(0o444);
      await written.sync();
      if ((await written.stat()).size !== hashed.bytes) throw changed(place);
    });
    return { ...hashed, content: { file, bytes: hashed.bytes } };
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/** Whether the file system could do it. If not, another way is tried, which tells the reason if it fails too. */
function isDone(action: Promise<void>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}

function isChanged(before: Stats, after: Stats): boolean {
  return before.size !== after.size || before.mtimeMs !== after.mtimeMs;
}

function changed(place: string): Failure {
  return new Failure('stage', {
    fact: `${printableName(place)} changed while it was being read`,
    fix: 'end all that writes it before the outputs are taken',
  });
}
