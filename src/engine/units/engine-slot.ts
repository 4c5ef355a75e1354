import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { deferred } from '../base/deferred.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { JsonObject } from '../base/json.ts';
import { Connection } from './connection.ts';
import type { Frame } from './frames.ts';
import type { Transport, TransportEnd } from './transport.ts';

/** How long a unit has to end its own processes once its input has ended. */
const ORDERLY_END_MS = 5000;
/** A connection and the word of the engine end at nearly the same time. */
const GRACE_MS = 2000;

/** What a slot asks of its engine. */
interface Host {
  /** Nothing waits for the slot any more. */
  leave(): void;
  /** What the engine has said so far. */
  words(): string;
}

/** A way to a unit that an engine starts: it connects to the run some time. */
export class EngineSlot implements Transport {
  readonly connection: Connection;
  readonly ended: Promise<TransportEnd>;
  private readonly onFrame: (frame: Frame) => Promise<void> | undefined;
  private readonly host: Host;
  /** With nothing, if it never connects. */
  private readonly arrival = deferred<Socket | undefined>();
  private readonly end = deferred<TransportEnd>();
  private socket: Socket | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(onFrame: (frame: Frame) => Promise<void> | undefined, host: Host) {
    this.onFrame = onFrame;
    this.host = host;
    this.connection = new Connection(incoming(this.arrival.promise), outgoing(this.arrival.promise), onFrame);
    this.ended = this.end.promise;
  }

  get words(): string {
    return this.host.words();
  }

  /** The unit has connected. */
  take(socket: Socket): void {
    if (this.socket || this.isClosed) {
      socket.destroy();
      this.socket?.destroy();
      this.close({ how: 'was begun a second time by its engine, which has lost it', words: '' });
      return;
    }
    this.socket = socket;
    this.arrival.resolve(socket);
    void this.connection.ended.then(() => this.closeIn(GRACE_MS, 'has lost its connection'));
  }

  /** The engine says that it has ended, or never will be. */
  close(end: TransportEnd): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.timer);
    this.host.leave();
    this.arrival.resolve(undefined);
    // What it has sent is read to its end.
    const timer = setTimeout(() => this.socket?.destroy(), GRACE_MS);
    void this.connection.ended.then(() => {
      clearTimeout(timer);
      this.socket?.destroy();
      this.end.resolve(end);
    });
  }

  /** No unit of this engine can work. */
  refuse(diagnostic: Diagnostic): void {
    const message: JsonObject = { type: 'unable', diagnostic: { fact: diagnostic.fact, fix: diagnostic.fix ?? '' } };
    void this.onFrame({ message, body: Buffer.alloc(0) });
    this.close({ how: 'cannot be used', words: '' });
  }

  async stop(): Promise<void> {
    this.connection.end();
    if (this.socket) this.closeIn(ORDERLY_END_MS, 'did not end');
    else this.close({ how: 'was not needed any more', words: '' });
    await this.ended;
  }

  private closeIn(milliseconds: number, how: string): void {
    if (this.isClosed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.socket?.destroy();
      this.close({ how, words: '' });
    }, milliseconds);
  }
}

async function* incoming(arrival: Promise<Socket | undefined>): AsyncIterable<Buffer> {
  const socket = await arrival;
  if (socket) yield* socket as AsyncIterable<Buffer>;
}

/** Keeps what is written until the unit is there. */
function outgoing(arrival: Promise<Socket | undefined>): Writable {
  return new Writable({
    writev(chunks, done) {
      void arrival.then((socket) => {
        if (!socket) done();
        else if (chunks.length === 1) socket.write(chunks[0]?.chunk, done);
        else socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
      });
    },
    final(done) {
      void arrival.then((socket) => {
        socket?.end();
        done();
      });
    },
  });
}
