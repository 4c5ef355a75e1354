import { createReadStream, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import PQueue from 'p-queue';
import { type ArtefactDigest, digestBytes, type NodeKey } from '../base/digest.ts';
import { UnreadableArtefact } from '../store/unreadable-artefact.ts';
import { decodeActionResult, encodeActionResult, type OutputFile } from './action-result.ts';
import { compressed, compressTo, decompressed, isCompressed, isWorthwhile, unpacked } from './compression.ts';
import { Health, type Use } from './health.ts';
import { type Remote, RemoteProblem, type UploadStream } from './remotes/remote.ts';
import { decodeSharedRecord, encodeSharedRecord, type SharedRecord } from './shared-record.ts';
import type { Signatures } from './signatures.ts';

/** The path of the record among an action's output files. The others are named after the outputs. */
const RECORD_PATH = 'vmfdag/record.json';

/** Short bytes are in the action too: one request brings them all. */
const LONGEST_INLINE_BYTES = 2048;
const LONGEST_INLINE_RECORD_BYTES = 64 * 1024;

/** A larger blob is asked for before it is sent. */
const WORTH_ASKING_BYTES = 64 * 1024;

/** Milliseconds for which a look-up may hold up a node. */
const PATIENCE_MS = 1000;

const REQUESTS = 32;

/** A page of names takes as long as so many questions for single ones. */
const WORTH_A_PAGE = 10;

/** Milliseconds before each further try of a request that fails for now. */
const PAUSES = [100, 400];

/** Bytes that are too large for memory are files. */
export type Blob = Uint8Array | UploadStream;

/** A result of the shared cache. */
export interface FoundResult extends SharedRecord {
  /** Those that came with it. */
  readonly artefacts: ReadonlyMap<ArtefactDigest, Uint8Array>;
}

/** What is published of a node. */
export interface Publication extends SharedRecord {
  /** Of each output whose bytes are there: its name, and the blobs that it consists of, the artefact's own first. */
  readonly outputs: readonly { readonly name: string; readonly blobs: readonly NamedBlob[] }[];
}

export interface NamedBlob {
  /** `weights`, or `plots/curve.png` for a file of a directory. */
  readonly path: string;
  readonly digest: ArtefactDigest;
  readonly bytes: number;
  read(): Blob;
}

/** `there`: with the same bytes. `other bytes`: somebody has shared another result under this key, which stays. */
export type PublishOutcome = 'published' | 'there' | 'other bytes' | 'failed';

export interface SharedCacheOptions {
  readonly signatures: Signatures;
  readonly compress: boolean;
  /** Whether look-ups are waited for: nobody wants to go on without them. */
  readonly isPatient: boolean;
  /** Called when it is not asked any more, with the reason. */
  readonly warn: (fact: string) => void;
}

/**
 * Results on a remote, in the layout of Bazel's remote cache: `cas/SHA-256` has bytes, `ac/KEY` a REAPI ActionResult whose output files are the
 * artefacts and the record. Blobs come before the action that names them. All bytes are checked by their digests when they arrive, so a damaged
 * blob counts as missing. No function throws for what goes wrong out there.
 */
export class SharedCache {
  readonly description: string;
  private readonly remote: Remote;
  private readonly signatures: Signatures;
  private readonly compress: boolean;
  private readonly isPatient: boolean;
  private readonly health: Health;
  private readonly lookUps = new PQueue({ concurrency: REQUESTS });
  /** Blobs that are known to be there. */
  private readonly present = new Set<string>();
  /** The keys of all results that were there when it was asked for them all. */
  private actions: ReadonlySet<string> | undefined;

  constructor(remote: Remote, { signatures, compress, isPatient, warn }: SharedCacheOptions) {
    this.description = remote.description;
    this.remote = remote;
    this.signatures = signatures;
    this.compress = compress && remote.mayCompress;
    this.isPatient = isPatient;
    this.health = new Health(warn, isPatient);
  }

  /** Whether it makes sense to ask at present. */
  isOpen(use: Use): boolean {
    return this.health.isOpen(use);
  }

  /**
   * Asks at once what is there, where the remote can say so and that takes less than asking for each node. What appears meanwhile may not be seen.
   * @param nodes how many of them are about to be asked for
   * @param folders `cas` where their blobs are to be published
   */
  async survey(nodes: number, folders: readonly ('ac' | 'cas')[]): Promise<void> {
    const pages = Math.floor(nodes / WORTH_A_PAGE);
    for (const folder of folders) {
      const { names, isAll } = await namesOf(this.remote, folder, pages);
      if (folder === 'cas') for (const name of names) this.present.add(name);
      else if (isAll) this.actions = names;
    }
  }

  /** The result under a key; undefined where there is none, or no answer came in time. */
  async lookUp(key: NodeKey): Promise<FoundResult | undefined> {
    return this.lookUps.add(async () => {
      if (!this.health.isOpen('read')) return undefined;
      const started = performance.now();
      const found = await (this.isPatient ? this.action(key) : Promise.race([this.action(key), late()]));
      const seconds = (performance.now() - started) / 1000;
      if (found === 'late') this.health.failed('read', tooLate(this.description));
      const result = found === 'late' ? undefined : found;
      this.health.lookedUp(seconds / this.lookUps.pending, result?.record.seconds);
      return result;
    });
  }

  /** The bytes with a digest; undefined where they are missing, damaged or out of reach. */
  async bytes(digest: ArtefactDigest): Promise<Uint8Array | undefined> {
    const found = await this.attempt('read', () => this.remote.get(`cas/${digest}`));
    return found && soundBytes(digest, found);
  }

  /**
   * Passes the bytes with a digest on, as they come.
   * @param take gets them, and tells their digest. It is called a second time, from the beginning, for an artefact that is compressed itself.
   * @returns whether what was taken last is what was asked for
   */
  async stream(digest: ArtefactDigest, take: (chunks: AsyncIterable<Uint8Array>) => Promise<string>): Promise<boolean> {
    for (const manner of ['decompress', 'as it is'] as const) {
      const seen = { compressed: false, broken: false };
      const kept = this.resumed(`cas/${digest}`);
      const chunks = manner === 'as it is' ? kept : unpacked(kept, () => (seen.compressed = true));
      try {
        const taken = await take(watched(chunks, () => (seen.broken = true)));
        if (taken === digest && !seen.broken) return true;
      } catch (error) {
        // Trouble of the taker's own: a full disk.
        if (!seen.broken) throw error;
      }
      if (!seen.compressed) return false;
    }
    return false;
  }

  /** The bytes under a name. What breaks off is asked for again, from where it broke off. */
  private async *resumed(name: `cas/${string}`): AsyncGenerator<Uint8Array> {
    let received = 0;
    for (const pause of [...PAUSES, undefined]) {
      try {
        const pieces = await this.remote.read(name, received);
        if (!pieces) throw new MissingBlob();
        for await (const piece of pieces) {
          received += piece.length;
          yield piece;
        }
        this.health.answered();
        return;
      } catch (error) {
        if (error instanceof MissingBlob) throw error;
        this.health.failed('read', error);
        const mayHelp = error instanceof RemoteProblem && error.kind === 'passing' && this.health.isOpen('read');
        if (!mayHelp || pause === undefined) throw error;
        await wait(pause);
      }
    }
  }

  /** Uploads a node: blobs, record, action. @param scratch a path of its own for bytes that are compressed */
  async publish(publication: Publication, scratch: () => string): Promise<PublishOutcome> {
    const { key, outputs } = publication.record;
    const done = await this.attempt('write', async (): Promise<PublishOutcome> => {
      const there = await this.action(key);
      if (there) {
        const isSame = Object.entries(outputs).every(
          ([name, { digest }]) => there.record.outputs[name]?.digest === digest,
        );
        if (!isSame) return 'other bytes';
      }
      const files: OutputFile[] = [];
      for (const { blobs } of publication.outputs) files.push(...(await this.uploadAll(blobs, scratch)));
      if (there) return 'there';
      await this.putAction(publication, files);
      return 'published';
    });
    return done ?? 'failed';
  }

  close(): void {
    this.lookUps.clear();
    this.remote.close();
  }

  private async putAction(publication: Publication, outputs: readonly OutputFile[]): Promise<void> {
    const { key } = publication.record;
    const record = encodeSharedRecord(publication, this.signatures);
    const hash = digestBytes<ArtefactDigest>(record);
    await this.remote.put(`cas/${hash}`, record);
    const inline = record.length <= LONGEST_INLINE_RECORD_BYTES ? { contents: record } : {};
    const files = [...outputs, { path: RECORD_PATH, hash, bytes: record.length, ...inline }];
    await this.remote.put(`ac/${key}`, encodeActionResult(files, hostname()));
  }

  /** The files of an output; none if some of its bytes have been evicted meanwhile. */
  private async uploadAll(blobs: readonly NamedBlob[], scratch: () => string): Promise<readonly OutputFile[]> {
    const files: OutputFile[] = [];
    for (const blob of blobs) {
      const content = contentOf(blob);
      if (content === undefined) return [];
      await this.upload(blob, content, scratch);
      const { path, digest: hash, bytes } = blob;
      const isShort = blobs.length === 1 && content instanceof Uint8Array && content.length <= LONGEST_INLINE_BYTES;
      files.push({ path, hash, bytes, ...(isShort ? { contents: content } : {}) });
    }
    return files;
  }

  private async upload({ digest, bytes }: NamedBlob, content: Blob, scratch: () => string): Promise<void> {
    if (this.present.has(digest)) return;
    const name = `cas/${digest}` as const;
    if (bytes < WORTH_ASKING_BYTES || !(await this.remote.has(name))) {
      if (content instanceof Uint8Array) await this.remote.put(name, this.compress ? compressed(content) : content);
      else if (!this.compress || !(await this.uploadCompressed(name, content, scratch()))) {
        await this.remote.put(name, content);
      }
    }
    this.present.add(digest);
  }

  /** @returns false where that does not make it shorter */
  private async uploadCompressed(name: `cas/${string}`, blob: UploadStream, path: string): Promise<boolean> {
    try {
      if (!(await compressTo(blob.read(), path))) return false;
      const { size } = statSync(path);
      if (!isWorthwhile(size, blob.bytes)) return false;
      await this.remote.put(name, { bytes: size, read: () => createReadStream(path) });
      return true;
    } finally {
      rmSync(path, { force: true });
    }
  }

  /** The result under a key, with what its action brings. @throws nothing */
  private async action(key: NodeKey): Promise<FoundResult | undefined> {
    if (this.actions?.has(key) === false) return undefined;
    const bytes = await this.attempt('read', () => this.remote.get(`ac/${key}`));
    if (!bytes) return undefined;
    const files = decodedFiles(bytes);
    const record = files.get(RECORD_PATH);
    const encoded = record && (soundContents(record) ?? (await this.bytes(record.hash as ArtefactDigest)));
    const shared = encoded && decodeSharedRecord(encoded, this.signatures);
    if (shared?.record.key !== key) return undefined;
    const artefacts = new Map<ArtefactDigest, Uint8Array>();
    for (const [name, { type, digest }] of Object.entries(shared.record.outputs)) {
      const file = type === 'directory' ? undefined : files.get(name);
      const contents = file && file.hash === digest ? soundContents(file) : undefined;
      if (contents) artefacts.set(digest, contents);
    }
    return { ...shared, artefacts };
  }

  /** Tries, and tries again what fails for now; undefined where nothing helped. */
  private async attempt<T>(use: Use, request: () => Promise<T>): Promise<T | undefined> {
    for (const pause of [...PAUSES, undefined]) {
      if (!this.health.isOpen(use)) return undefined;
      try {
        const result = await request();
        this.health.answered();
        return result;
      } catch (error) {
        this.health.failed(use, error);
        const mayHelp = error instanceof RemoteProblem && error.kind === 'passing';
        if (!mayHelp || pause === undefined) return undefined;
        await wait(pause);
      }
    }
    return undefined;
  }
}

/** All names, if they are no more than so many pages. Who may read need not be allowed to ask for names. */
async function namesOf(
  { list }: Remote,
  folder: 'ac' | 'cas',
  pages: number,
): Promise<{ readonly names: ReadonlySet<string>; readonly isAll: boolean }> {
  const names = new Set<string>();
  if (!list || pages === 0) return { names, isAll: false };
  let left = pages;
  try {
    for await (const page of list(folder)) {
      if (left-- === 0) return { names, isAll: false };
      for (const name of page) names.add(name);
    }
  } catch (error) {
    if (error instanceof RemoteProblem) return { names, isAll: false };
    throw error;
  }
  return { names, isAll: true };
}

function contentOf(blob: NamedBlob): Blob | undefined {
  try {
    return blob.read();
  } catch (error) {
    if (error instanceof UnreadableArtefact) return undefined;
    throw error;
  }
}

function late(): Promise<'late'> {
  return wait(PATIENCE_MS, 'late' as const, { ref: false });
}

function tooLate(description: string): RemoteProblem {
  return new RemoteProblem('passing', `${description} does not answer within ${PATIENCE_MS / 1000} s`);
}

/** By path; none for bytes that are no ActionResult. */
function decodedFiles(bytes: Uint8Array): ReadonlyMap<string, OutputFile> {
  try {
    return new Map(decodeActionResult(bytes).map((file) => [file.path, file]));
  } catch {
    return new Map();
  }
}

function soundContents({ contents, hash }: OutputFile): Uint8Array | undefined {
  return contents && digestBytes(contents) === hash ? contents : undefined;
}

/** The bytes with a digest, from what was kept for them. */
function soundBytes(digest: ArtefactDigest, kept: Uint8Array): Uint8Array | undefined {
  if (digestBytes(kept) === digest) return kept;
  if (!isCompressed(kept)) return undefined;
  try {
    const bytes = decompressed(kept);
    return digestBytes(bytes) === digest ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** There are no bytes under a name. */
class MissingBlob extends Error {}

/** @param broken called when the bytes end with an error */
async function* watched(chunks: AsyncIterable<Uint8Array>, broken: () => void): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const next = () =>
    source.next().catch((error: unknown) => {
      broken();
      throw error;
    });
  try {
    for (let piece = await next(); !piece.done; piece = await next()) yield piece.value;
  } finally {
    await source.return?.();
  }
}
