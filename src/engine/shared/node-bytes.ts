import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import PQueue from 'p-queue';
import type { ArtefactDigest } from '../base/digest.ts';
import type { TakenArtefact } from '../store/artefact-files.ts';
import { LARGEST_INLINE_BYTES } from '../store/blobs/blob-folder.ts';
import { withHandle, writeHashed } from '../store/blobs/file-bytes.ts';
import { type DirectoryEntry, decodeManifest } from '../store/directories/manifest.ts';
import type { NodeRecord, RecordedOutput, Store } from '../store/store.ts';
import type { NamedBlob, SharedCache } from './shared-cache.ts';

/** Files of a directory that are fetched at once. */
const FILES = 16;

/** What is said of an artefact by whoever looks for it. */
export type SharedArtefact = Pick<RecordedOutput, 'type' | 'digest' | 'bytes'>;

/** An artefact that came over: its bytes, or a file that the store has taken. */
export type Content = Uint8Array | TakenArtefact;

/** The blobs of an output that is in the store: its own bytes, and the files of a directory. */
export function blobsOf(
  name: string,
  { digest }: RecordedOutput,
  { files, artefactBytes, artefact }: Store,
): readonly NamedBlob[] {
  const blob = (path: string, of: ArtefactDigest, bytes: number): NamedBlob => ({
    path,
    digest: of,
    bytes,
    read: () => (bytes > LARGEST_INLINE_BYTES ? { bytes, digest: of, read: () => files.read(of) } : artefact(of)),
  });
  const parts = new Map<string, NamedBlob>();
  for (const entry of files.entries(digest) ?? []) {
    if (entry.kind === 'file') parts.set(entry.digest, blob(`${name}/${entry.path}`, entry.digest, entry.bytes));
  }
  return [blob(name, digest, artefactBytes(digest) ?? 0), ...parts.values()];
}

/**
 * Fetches the outputs of a node that the store lacks.
 * @param known bytes that are here already
 * @returns by digest, to be committed or released; undefined if one of them is missing
 */
export async function fetchOutputs(
  { outputs }: NodeRecord,
  known: ReadonlyMap<ArtefactDigest, Uint8Array>,
  cache: SharedCache,
  store: Store,
): Promise<ReadonlyMap<ArtefactDigest, Content> | undefined> {
  const fetched = new Map<ArtefactDigest, Content>();
  for (const output of Object.values(outputs)) {
    const { digest } = output;
    if (fetched.has(digest) || store.hasArtefact(digest)) continue;
    const content = known.get(digest) ?? (await fetchOutput(output, cache, store));
    if (content === undefined) {
      await releaseAll(fetched, store);
      return undefined;
    }
    fetched.set(digest, content);
  }
  return fetched;
}

/** Gives up what was fetched. */
export async function releaseAll(fetched: ReadonlyMap<ArtefactDigest, Content>, store: Store): Promise<void> {
  for (const content of fetched.values()) if ('kind' in content) await store.files.release(content);
}

/** Fetches an artefact, to be committed or released; undefined if it is missing. */
export async function fetchOutput(
  { type, digest, bytes }: SharedArtefact,
  cache: SharedCache,
  store: Store,
): Promise<Content | undefined> {
  if (type !== 'directory' && bytes <= LARGEST_INLINE_BYTES) return cache.bytes(digest);
  return type === 'directory' ? fetchDirectory(digest, cache, store) : fetchFile(digest, cache, store);
}

async function fetchFile(digest: ArtefactDigest, cache: SharedCache, store: Store): Promise<Content | undefined> {
  let taken: TakenArtefact | undefined;
  const release = async () => {
    if (taken) await store.files.release(taken);
    taken = undefined;
  };
  const isThere = await cache.stream(digest, async (chunks) => {
    await release();
    taken = await store.files.takeBytes(digest, chunks);
    return taken.digest;
  });
  if (!isThere) await release();
  return taken;
}

async function fetchDirectory(digest: ArtefactDigest, cache: SharedCache, store: Store): Promise<Content | undefined> {
  const path = store.files.newPath();
  try {
    if (!(await fetchTree(digest, path, cache, store))) return undefined;
    const taken = await store.files.take(path, 'directory', true);
    if (taken.digest === digest) return taken;
    await store.files.release(taken);
    return undefined;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

/** @returns whether all of the directory is there now */
async function fetchTree(digest: ArtefactDigest, top: string, cache: SharedCache, store: Store): Promise<boolean> {
  const manifest = await cache.bytes(digest);
  const entries = manifest && decodedEntries(manifest);
  if (!entries) return false;
  mkdirSync(top, { recursive: true });
  const queue = new PQueue({ concurrency: FILES });
  const parts: Promise<boolean>[] = [];
  for (const entry of entries) {
    const path = join(top, entry.path);
    mkdirSync(entry.kind === 'folder' ? path : dirname(path), { recursive: true });
    if (entry.kind === 'link') symlinkSync(entry.target, path);
    if (entry.kind !== 'file') continue;
    parts.push(queue.add(() => fetchPart(entry, path, cache, store)));
  }
  // Whoever removes the folder after an error waits until nothing is written to it.
  const ended = await Promise.allSettled(parts);
  return ended.every((part) => {
    if (part.status === 'rejected') throw part.reason;
    return part.value;
  });
}

function decodedEntries(manifest: Uint8Array): readonly DirectoryEntry[] | undefined {
  try {
    return decodeManifest(manifest);
  } catch {
    return undefined;
  }
}

async function fetchPart(
  { digest, bytes, isExecutable }: Extract<DirectoryEntry, { kind: 'file' }>,
  path: string,
  cache: SharedCache,
  store: Store,
): Promise<boolean> {
  if (store.hasArtefact(digest)) await store.files.give(digest, path, 'own');
  else if (bytes > LARGEST_INLINE_BYTES) {
    const write = (chunks: AsyncIterable<Uint8Array>) =>
      withHandle(path, 'w', async (handle) => (await writeHashed(handle, chunks)).digest);
    if (!(await cache.stream(digest, write))) return false;
  } else {
    const content = await cache.bytes(digest);
    if (!content) return false;
    writeFileSync(path, content);
  }
  if (isExecutable) chmodSync(path, 0o755);
  return true;
}
