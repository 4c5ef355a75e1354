import { type JsonObject, parseJsonObject } from '../base/json.ts';

/** A message with bytes: a line of JSON, whose `body` says how many bytes follow it. */
export interface Frame {
  readonly message: JsonObject;
  readonly body: Buffer;
}

/** More bytes than this without an end of line are no frame. */
const LONGEST_LINE = 2 ** 28;
/** What is larger travels in several frames. */
const LONGEST_BODY = 2 ** 28;
const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);

/** The bytes of a frame. */
export function encodeFrame(message: object, body: readonly Uint8Array[] = []): Buffer {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  const line = JSON.stringify(length > 0 ? { ...message, body: length } : message);
  return Buffer.concat([Buffer.from(`${line}\n`), ...body]);
}

/** Something else than frames has come. */
export class NoFrame extends Error {
  override readonly name = 'NoFrame';
}

/** Finds the frames in a stream of bytes, however it is cut. */
export class FrameReader {
  private readonly parts: Buffer[] = [];
  /** Of all parts. */
  private length = 0;
  /** A message whose body is not complete. */
  private open: { readonly message: JsonObject; readonly bytes: number } | undefined;
  private hasBegun = false;
  private before = '';

  /** What came before the first frame: a shell on the other side may print a greeting. */
  get prologue(): string {
    return this.before;
  }

  /** Whether all that has come is frames, and the last one is complete. */
  get isWhole(): boolean {
    return this.hasBegun && !this.open && this.length === 0;
  }

  /**
   * Takes the next bytes, and returns the frames that are complete now.
   * @throws {NoFrame} for anything else after the first frame
   */
  *push(chunk: Buffer): Iterable<Frame> {
    this.keep(chunk);
    for (;;) {
      if (!this.open) {
        const line = this.takeLine();
        if (line === undefined) return;
        this.open = this.read(line);
        if (!this.open) continue;
      }
      const { message, bytes } = this.open;
      if (this.length < bytes) return;
      this.open = undefined;
      yield { message, body: this.take(bytes) };
    }
  }

  private read(line: Buffer): FrameReader['open'] {
    const text = line.toString('utf8');
    const message = parsed(text);
    if (message === undefined) {
      if (this.hasBegun && text.trim() !== '') throw new NoFrame(`this is no message: ${text.slice(0, 200)}`);
      if (!this.hasBegun) this.before = `${this.before}${text}\n`.slice(-LONGEST_PROLOGUE);
      return undefined;
    }
    this.hasBegun = true;
    const { body = 0 } = message;
    if (!Number.isSafeInteger(body) || Number(body) < 0 || Number(body) > LONGEST_BODY) {
      throw new NoFrame(`no message has ${body} bytes`);
    }
    return { message, bytes: Number(body) };
  }

  private keep(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.parts.push(chunk);
    this.length += chunk.length;
  }

  /** Without its end; undefined while that is missing. */
  private takeLine(): Buffer | undefined {
    let before = 0;
    for (const part of this.parts) {
      const end = part.indexOf(NEWLINE);
      if (end >= 0) return this.take(before + end + 1).subarray(0, -1);
      before += part.length;
    }
    if (before > LONGEST_LINE) throw new NoFrame('a line does not end');
    // So that a long line is searched once.
    if (this.parts.length > 64) this.parts.splice(0, this.parts.length, Buffer.concat(this.parts));
    return undefined;
  }

  private take(bytes: number): Buffer {
    if (bytes === 0) return NOTHING;
    this.length -= bytes;
    const first = this.parts[0] as Buffer;
    if (first.length > bytes) {
      this.parts[0] = first.subarray(bytes);
      return first.subarray(0, bytes);
    }
    const taken: Buffer[] = [];
    for (let left = bytes; left > 0; ) {
      const part = this.parts[0] as Buffer;
      if (part.length <= left) this.parts.shift();
      else this.parts[0] = part.subarray(left);
      taken.push(part.subarray(0, left));
      left -= Math.min(part.length, left);
    }
    return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken);
  }
}

const LONGEST_PROLOGUE = 4096;

function parsed(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined;
  const message = parseJsonObject(text);
  return typeof message?.type === 'string' ? message : undefined;
}
