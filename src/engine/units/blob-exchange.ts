import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Deferred, deferred } from '../base/deferred.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { type ArtefactDigest, digestBytes, shortDigest } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import type { TakenArtefact } from '../store/artefact-files.ts';
import { type DirectoryEntry, decodeManifest } from '../store/directories/manifest.ts';
import { storeFailure } from '../store/lmdb/failure.ts';
import type { Store } from '../store/store.ts';
import { UnreadableArtefact } from '../store/unreadable-artefact.ts';
import type { Connection } from './connection.ts';

/** An artefact as a stage names it, or the bytes of a file in a directory. */
type Wanted = 'artefact' | 'bytes';

/** Either side asks the other one for bytes, which come in pieces. */
export type BlobMessage =
  | { readonly type: 'want'; readonly digest: ArtefactDigest; readonly as: Wanted }
  | {
      readonly type: 'blob';
      readonly digest: ArtefactDigest;
      readonly as: Wanted;
      /** The bytes of a directory are its manifest. */
      readonly kind: 'bytes' | 'directory';
      readonly total: number;
    }
  | { readonly type: 'piece'; readonly digest: ArtefactDigest; readonly as: Wanted; readonly isLast: boolean }
  | {
      readonly type: 'lacking';
      readonly digest: ArtefactDigest;
      readonly as: Wanted;
      readonly state: 'missing' | 'damaged';
      readonly diagnostic: Diagnostic;
    };

/** The other side does not have what was asked for. */
export class Lacking extends Error {
  override readonly name = 'Lacking';
  readonly digest: ArtefactDigest;
  readonly state: 'missing' | 'damaged';
  readonly diagnostic: Diagnostic;

  constructor({ digest, state, diagnostic }: Pick<Lacking, 'digest' | 'state' | 'diagnostic'>) {
    super(diagnostic.fact);
    this.digest = digest;
    this.state = state;
    this.diagnostic = diagnostic;
  }
}

/** The connection has ended before the bytes were there. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected';
}

type Received =
  | { readonly kind: 'memory'; readonly type: 'bytes' | 'directory'; readonly bytes: Buffer }
  /** It is at the place that was named. */
  | { readonly kind: 'file' }
  | { readonly kind: 'error'; readonly error: Error };

interface Arrival {
  readonly done: Deferred<Received>;
  /** Where it goes if it is too large for memory. */
  readonly place: string;
  readonly pieces: Buffer[];
  /** Undefined before its answer begins: pieces that come then are the rest of an earlier answer, which this side has given up. */
  type: 'bytes' | 'directory' | undefined;
  handle: FileHandle | undefined;
}

const PIECE_BYTES = 256 * 1024;
const LARGEST_IN_MEMORY = 4 * 1024 * 1024;
/** How many files of a directory are asked for at a time. */
const PARTS_AT_ONCE = 64;

/** Gets artefacts from the other side, and gives it those that it asks for. Nothing large is in memory, and every digest is checked. */
export class BlobExchange {
  private readonly store: Store;
  private readonly connection: () => Connection;
  private readonly arrivals = new Map<string, Arrival>();
  /** By digest: two nodes may need one artefact. */
  private readonly underWay = new Map<ArtefactDigest, Promise<void>>();
  /** The last answer: they leave one after the other. */
  private answered = Promise.resolve();
  private hasEnded = false;

  constructor(store: Store, connection: () => Connection) {
    this.store = store;
    this.connection = connection;
  }

  /** Whether the other side owes an answer. */
  get isAsking(): boolean {
    return this.arrivals.size > 0;
  }

  /**
   * Brings artefacts into the store, unless they are there.
   * @throws {Lacking} where the other side does not have one
   * @throws {Disconnected} where the other side ends meanwhile
   */
  async ensure(digests: Iterable<ArtefactDigest>): Promise<void> {
    const missing = [...new Set(digests)].filter((digest) => !this.store.hasArtefact(digest));
    await Promise.all(
      missing.map((digest) => {
        const known = this.underWay.get(digest);
        if (known) return known;
        const bringing = this.bring(digest).finally(() => this.underWay.delete(digest));
        this.underWay.set(digest, bringing);
        return bringing;
      }),
    );
  }

  /** Takes a message of the other side. The next one waits for what it returns. */
  handle(message: BlobMessage, body: Buffer): Promise<void> | undefined {
    if (message.type === 'want') {
      this.answered = this.answered.then(() => this.answer(message.digest, message.as));
      return undefined;
    }
    const arrival = this.arrivals.get(nameOf(message));
    if (!arrival) return undefined;
    switch (message.type) {
      case 'blob':
        arrival.type = message.kind;
        return message.total > LARGEST_IN_MEMORY ? openFile(arrival) : undefined;
      case 'piece':
        return takePiece(arrival, body, message.isLast);
      case 'lacking':
        arrival.done.resolve({ kind: 'error', error: new Lacking(message) });
    }
    return undefined;
  }

  /** Nothing more comes. */
  end(): void {
    this.hasEnded = true;
    for (const { done } of this.arrivals.values()) done.resolve({ kind: 'error', error: new Disconnected() });
  }

  private async bring(digest: ArtefactDigest): Promise<void> {
    const { store } = this;
    const place = store.files.newPath();
    const received = await this.ask(digest, 'artefact', place);
    if (received.kind === 'memory' && received.type === 'directory') {
      await this.bringDirectory(digest, received.bytes);
      return;
    }
    if (received.kind === 'memory') {
      const bytes = new Uint8Array(received.bytes);
      if (digestBytes<ArtefactDigest>(bytes) !== digest) throw changed(digest);
      await store.receive(new Map([[digest, bytes]]));
      return;
    }
    try {
      await this.keep(digest, await store.files.take(place, 'file', true));
    } finally {
      rmSync(place, { force: true });
    }
  }

  private async bringDirectory(digest: ArtefactDigest, manifest: Buffer): Promise<void> {
    const { store } = this;
    const entries = decodeManifest(manifest);
    const folder = store.files.newPath();
    mkdirSync(folder);
    try {
      const parts = await this.bringParts(entries, folder);
      const found = entries.map((entry) =>
        entry.kind === 'file'
          ? {
              kind: 'file' as const,
              path: entry.path,
              place: parts.get(entry.digest) as string,
              isExecutable: entry.isExecutable,
            }
          : entry,
      );
      await this.keep(digest, await store.files.takeEntries('a directory from another machine', found));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private async keep(digest: ArtefactDigest, taken: TakenArtefact): Promise<void> {
    try {
      if (taken.digest !== digest) throw changed(digest);
      await this.store.receive(new Map([[digest, taken]]));
    } finally {
      await this.store.files.release(taken);
    }
  }

  /** The files of a directory, each once, at paths in a folder. */
  private async bringParts(entries: readonly DirectoryEntry[], folder: string): Promise<Map<ArtefactDigest, string>> {
    const wanted = [...new Set(entries.flatMap((entry) => (entry.kind === 'file' ? [entry.digest] : [])))];
    const places = new Map<ArtefactDigest, string>();
    const next = wanted.entries();
    const work = async () => {
      for (const [index, part] of next) {
        const place = join(folder, String(index));
        await this.bringPart(part, place);
        places.set(part, place);
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARTS_AT_ONCE, wanted.length) }, work));
    return places;
  }

  private async bringPart(part: ArtefactDigest, place: string): Promise<void> {
    if (this.store.hasArtefact(part) && !this.store.files.isDirectory(part)) {
      await this.store.files.give(part, place, 'read');
      return;
    }
    const received = await this.ask(part, 'bytes', place);
    if (received.kind === 'file') return;
    try {
      writeFileSync(place, received.bytes);
    } catch (error) {
      throw unwritten(place, error);
    }
  }

  /** @param place where it goes if it is too large for memory */
  private async ask(digest: ArtefactDigest, as: Wanted, place: string): Promise<Exclude<Received, { kind: 'error' }>> {
    const name = nameOf({ digest, as });
    // Directories that come at the same time may have a file in common: each gets it, one after the other.
    for (let other = this.arrivals.get(name); other; other = this.arrivals.get(name)) await other.done.promise;
    if (this.hasEnded) throw new Disconnected();
    const arrival: Arrival = { done: deferred(), place, pieces: [], type: undefined, handle: undefined };
    this.arrivals.set(name, arrival);
    this.connection().send({ type: 'want', digest, as } satisfies BlobMessage);
    const received = await arrival.done.promise;
    this.arrivals.delete(name);
    if (received.kind !== 'error') return received;
    if (arrival.handle) {
      await arrival.handle.close().catch(() => {});
      rmSync(place, { force: true });
    }
    throw received.error;
  }

  private async answer(digest: ArtefactDigest, as: Wanted): Promise<void> {
    const { store } = this;
    const connection = this.connection();
    try {
      const kind = as === 'artefact' && store.files.isDirectory(digest) ? 'directory' : 'bytes';
      const begin = () => {
        const total = store.artefactBytes(digest) ?? 0;
        connection.send({ type: 'blob', digest, as, kind, total } satisfies BlobMessage);
      };
      let rest: Uint8Array | undefined;
      for await (const bytes of store.files.read(digest)) {
        if (rest === undefined) begin();
        else await this.sendPieces(digest, as, rest, false);
        rest = bytes;
      }
      if (rest === undefined) begin();
      await this.sendPieces(digest, as, rest ?? new Uint8Array(), true);
    } catch (error) {
      const { state, diagnostic } = troubleOf(error);
      connection.send({ type: 'lacking', digest, as, state, diagnostic } satisfies BlobMessage);
    }
  }

  private async sendPieces(digest: ArtefactDigest, as: Wanted, bytes: Uint8Array, isEnd: boolean): Promise<void> {
    let at = 0;
    do {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      at += piece.length;
      const isLast = isEnd && at >= bytes.length;
      await this.connection().sendInTurn({ type: 'piece', digest, as, isLast } satisfies BlobMessage, [piece]);
    } while (at < bytes.length);
  }
}

async function openFile(arrival: Arrival): Promise<void> {
  try {
    arrival.handle = await open(arrival.place, 'wx');
  } catch (error) {
    arrival.done.resolve({ kind: 'error', error: unwritten(arrival.place, error) });
  }
}

function takePiece(arrival: Arrival, body: Buffer, isLast: boolean): Promise<void> | undefined {
  const { handle, type, pieces, done } = arrival;
  if (handle) return writePiece(arrival, handle, body, isLast);
  if (type === undefined) return undefined;
  pieces.push(body);
  if (isLast) done.resolve({ kind: 'memory', type, bytes: Buffer.concat(pieces) });
  return undefined;
}

async function writePiece({ place, done }: Arrival, handle: FileHandle, body: Buffer, isLast: boolean): Promise<void> {
  try {
    await handle.writeFile(body);
    if (!isLast) return;
    await handle.close();
    done.resolve({ kind: 'file' });
  } catch (error) {
    done.resolve({ kind: 'error', error: unwritten(place, error) });
  }
}

function nameOf({ digest, as }: { readonly digest: ArtefactDigest; readonly as: Wanted }): string {
  return `${as} ${digest}`;
}

function troubleOf(error: unknown): Pick<Lacking, 'state' | 'diagnostic'> {
  if (error instanceof UnreadableArtefact) {
    return { state: error.state, diagnostic: error.diagnostics[0] as Diagnostic };
  }
  return { state: 'missing', diagnostic: { fact: `cannot be read: ${(error as Error).message}` } };
}

function unwritten(path: string, error: unknown): Failure {
  const folder = dirname(path);
  return storeFailure(error, `cannot write bytes from another machine in ${folder}`, folder);
}

function changed(digest: ArtefactDigest): Failure {
  return new Failure('store', {
    fact: `the bytes of the artefact ${shortDigest(digest)} changed on their way from another machine`,
    fix: 'run again; if it happens again, check that machine with "vmfdag cache verify"',
  });
}
