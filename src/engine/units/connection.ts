import type { Writable } from 'node:stream';
import { deferred } from '../base/deferred.ts';
import { encodeFrame, type Frame, FrameReader } from './frames.ts';

/** Frames to and from the other side. */
export class Connection {
  /** Settles when nothing more comes, with what was wrong if it did not end in order. Never rejects. */
  readonly ended: Promise<Error | undefined>;
  /** How often something has come. */
  heard = 0;
  private readonly output: Writable;
  private readonly reader = new FrameReader();
  private isCorked = false;
  private isBroken = false;

  /** @param onFrame the next frame waits for what it returns */
  constructor(input: AsyncIterable<Buffer>, output: Writable, onFrame: (frame: Frame) => Promise<void> | undefined) {
    this.output = output;
    // The other side has ended: the end of the input says so too.
    output.on('error', () => {
      this.isBroken = true;
    });
    this.ended = this.read(input, onFrame);
  }

  /** What came before the first frame. */
  get prologue(): string {
    return this.reader.prologue;
  }

  /** Whether all that has come is frames, and the last one is complete. */
  get isWhole(): boolean {
    return this.reader.isWhole;
  }

  send(message: object, body?: readonly Uint8Array[]): void {
    if (this.isBroken || this.output.writableEnded) return;
    // Many short messages of one turn leave together.
    if (!this.isCorked) {
      this.isCorked = true;
      this.output.cork();
      setImmediate(() => {
        this.isCorked = false;
        this.output.uncork();
      });
    }
    this.output.write(encodeFrame(message, body));
  }

  /** Sends, and settles when there is room for more. */
  async sendInTurn(message: object, body: readonly Uint8Array[]): Promise<void> {
    this.send(message, body);
    if (!this.output.writableNeedDrain || this.isBroken) return;
    const ready = deferred<void>();
    const go = () => ready.resolve();
    this.output.once('drain', go).once('close', go);
    await ready.promise;
    this.output.off('drain', go).off('close', go);
  }

  /** Says that this side is there, and nothing else: readers of frames skip an empty line. */
  signOfLife(): void {
    // What waits to be sent is one too, once it gets there.
    if (!this.isBroken && !this.output.writableEnded && this.output.writableLength === 0) this.output.write('\n');
  }

  /** Nothing more is sent. */
  end(): void {
    this.output.end();
  }

  private async read(
    input: AsyncIterable<Buffer>,
    onFrame: (frame: Frame) => Promise<void> | undefined,
  ): Promise<Error | undefined> {
    try {
      for await (const chunk of input) {
        this.heard++;
        for (const frame of this.reader.push(chunk)) {
          const handled = onFrame(frame);
          if (handled) await handled;
        }
      }
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
