import type { OutgoingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { deferred } from '../../base/deferred.ts';
import { RemoteProblem } from './remote.ts';

/** Bytes of a piece. */
const PIECE_BYTES = 1024 * 1024;

/** Pieces that wait to be taken. More are not read. */
const MOST_WAITING = 4;

/** A buffer with less room is not filled up: few bytes would come at a time. */
const LEAST_ROOM_BYTES = 64 * 1024;

const LONGEST_HEAD_BYTES = 64 * 1024;

/**
 * The body of an answer to GET, in large pieces, over a connection of its own. Node's client gives pieces of at most 64 KiB, each in memory of its own:
 * for large blobs that takes as long as hashing them.
 * @param expected the status of the answer
 * @returns undefined where the answer is anything else than bytes whose number it tells: another client has to ask again
 * @throws {RemoteProblem} where no answer comes
 */
export async function plainDownload(
  url: URL,
  headers: OutgoingHttpHeaders,
  expected: number,
  stallMs: number,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const connection = new Download(url, headers, stallMs);
  const answer = await connection.answer.promise;
  if (answer.kind === 'none') throw new RemoteProblem('passing', `${url.host} ${answer.why}`);
  const { status, length } = parsedHead(answer.head);
  if (status === expected && length !== undefined) return connection.pieces(length);
  connection.destroy();
  return undefined;
}

type Answer = { readonly kind: 'head'; readonly head: string } | { readonly kind: 'none'; readonly why: string };

/** One request, and the bytes of its answer. */
class Download {
  readonly answer = deferred<Answer>();
  private readonly socket: Socket;
  private readonly stallMs: number;
  /** Pieces that nobody has taken yet. */
  private readonly waiting: Uint8Array[] = [];
  private isPaused = false;
  private reads = 0;
  private isHeadRead = false;
  /** Where the next bytes go, behind those that have come and are in no piece yet. */
  private buffer: Buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  private filled = 0;
  /** Why nothing more comes. */
  private end: string | undefined;
  /** Resolved when there is more to take. */
  private arrival = deferred<void>();

  constructor(url: URL, headers: OutgoingHttpHeaders, stallMs: number) {
    const { hostname, port, pathname, search, host } = url;
    this.stallMs = stallMs;
    const onread = {
      buffer: () => this.room(),
      callback: (bytes: number) => this.take(bytes),
    };
    this.socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), onread });
    this.socket.setTimeout(stallMs);
    this.socket.on('timeout', () => {
      const { reads } = this;
      // Where this process itself stood still, something has come that is not read yet.
      setImmediate(() => {
        // Nothing comes while nothing is taken.
        if (!this.isPaused && this.reads === reads) this.ended(`sent nothing for ${stallMs / 1000} s`);
      });
    });
    this.socket.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      this.ended(`cannot be reached (${code ?? message})`);
    });
    this.socket.on('close', () => this.ended('has closed the connection'));
    const lines = Object.entries({ ...headers, host, connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
    this.socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** @param length of all pieces together */
  async *pieces(length: number): AsyncGenerator<Uint8Array> {
    try {
      for (let left = length; left > 0; ) {
        const piece = await this.next();
        left -= piece.length;
        yield left < 0 ? piece.subarray(0, left) : piece;
      }
    } finally {
      this.destroy();
    }
  }

  /** @throws {RemoteProblem} where nothing more comes */
  private async next(): Promise<Uint8Array> {
    for (;;) {
      if (this.waiting.length === 0) this.cutPiece();
      const piece = this.waiting.shift();
      if (this.isPaused && this.waiting.length < MOST_WAITING) this.resume();
      if (piece) return piece;
      if (this.end !== undefined) {
        throw new RemoteProblem('passing', `an answer was not received to its end (the server ${this.end})`);
      }
      this.arrival = deferred();
      await this.arrival.promise;
    }
  }

  private resume(): void {
    this.isPaused = false;
    this.socket.setTimeout(this.stallMs);
    this.socket.resume();
  }

  /** Where the next bytes go. It is asked for right after the last ones have come, and not again before the next ones do. */
  private room(): Buffer {
    if (this.isHeadRead && this.buffer.length - this.filled < LEAST_ROOM_BYTES) {
      this.cutPiece();
      this.buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
    }
    return this.buffer.subarray(this.filled);
  }

  /** @returns whether to go on reading */
  private take(bytes: number): boolean {
    this.reads++;
    this.filled += bytes;
    if (!this.isHeadRead) this.readHead();
    this.isPaused = this.waiting.length >= MOST_WAITING;
    this.arrival.resolve();
    return !this.isPaused;
  }

  private readHead(): void {
    const read = this.buffer.subarray(0, this.filled);
    const end = read.indexOf('\r\n\r\n');
    if (end < 0 && this.filled < LONGEST_HEAD_BYTES) return;
    if (end < 0) {
      this.ended('answers with a head without end');
      return;
    }
    this.isHeadRead = true;
    this.answer.resolve({ kind: 'head', head: read.toString('latin1', 0, end) });
    this.buffer = this.buffer.subarray(end + 4);
    this.filled -= end + 4;
  }

  /** What has come becomes a piece. The next bytes still come right behind it. */
  private cutPiece(): void {
    if (!this.isHeadRead || this.filled === 0) return;
    this.waiting.push(this.buffer.subarray(0, this.filled));
    this.buffer = this.buffer.subarray(this.filled);
    this.filled = 0;
  }

  private ended(why: string): void {
    this.end ??= why;
    this.answer.resolve({ kind: 'none', why: this.end });
    this.arrival.resolve();
    this.socket.destroy();
  }
}

/** The length is undefined where the body is not simply what comes. */
function parsedHead(head: string): { readonly status: number; readonly length: number | undefined } {
  const [first = '', ...lines] = head.split('\r\n');
  const [, status] = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first) ?? [];
  const headers = new Map(lines.map((line) => [line.split(':')[0]?.toLowerCase(), line.replace(/^[^:]*:/, '').trim()]));
  const encoding = headers.get('content-encoding') ?? 'identity';
  const length = headers.get('content-length') ?? '';
  const isSimple = !headers.has('transfer-encoding') && encoding === 'identity' && /^\d+$/.test(length);
  return { status: Number(status ?? 0), length: isSimple ? Number(length) : undefined };
}
