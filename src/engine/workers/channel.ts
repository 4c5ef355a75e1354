import type { Duplex } from 'node:stream';

/** More bytes than this without an end of line are no message: something else writes to the descriptor. */
const LONGEST_MESSAGE = 2 ** 28;
const NEWLINE = 10;

// Kept before a stage is loaded, which may replace them.
const { parse, stringify } = JSON;

/**
 * Messages between the parent and one of its workers, one JSON document a line, on a separate descriptor. Every stage could use Node's own
 * message channel, and text in it that is not JSON ends the parent.
 */
export class Channel {
  private readonly socket: Duplex;
  private readonly onMessage: (message: unknown) => void;
  private parts: Buffer[] = [];
  private length = 0;

  constructor(socket: Duplex, onMessage: (message: unknown) => void) {
    this.socket = socket;
    this.onMessage = onMessage;
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    // The process at the other end has ended; its watcher knows.
    socket.on('error', () => {});
  }

  send(message: unknown): void {
    // The first newline ends what anybody else may have written there.
    this.socket.write(`\n${stringify(message)}\n`);
  }

  private take(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.keep(chunk.subarray(start, end));
      this.read();
      start = end + 1;
    }
    this.keep(chunk.subarray(start));
  }

  private keep(part: Buffer): void {
    if (part.length === 0) return;
    if (this.length + part.length > LONGEST_MESSAGE) this.parts = [];
    this.length += part.length;
    if (this.length <= LONGEST_MESSAGE) this.parts.push(part);
  }

  private read(): void {
    const [first] = this.parts;
    const line = this.parts.length === 1 ? first : Buffer.concat(this.parts);
    this.parts = [];
    this.length = 0;
    if (!line?.length) return;
    let message: unknown;
    try {
      message = parse(line.toString('utf8'));
    } catch {
      return;
    }
    this.onMessage(message);
  }
}
